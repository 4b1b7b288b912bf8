import type { Command } from "commander";
import { flag } from "./options/setting.ts";

/** `sheethook demo` */
export function addDemo(program: Command): void {
  program.command("demo")
    .description("Show on this machine, in seconds, what a receiver has to survive, and how this one does.")
    .addOption(flag("--stay", "stay when the story is over, to play with it", "SHEETHOOK_DEMO_STAY"))
    .addHelpText(
      "after",
      `
A simulated Smartsheet, a receiver with an inbox in a file, and a handler that writes back, all in this process and on
loopback. Exit code 0 if everything happened that it tells of, else 1.

Examples:
  sheethook demo
  sheethook demo --stay      and edit the sheet yourself, with curl`,
    )
    .action(async ({ stay = false }: { stay?: boolean }) => {
      const { runDemo } = await import("./demo/run.ts");
      await runDemo(stay);
    });
}
