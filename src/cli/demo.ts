import type { Command } from "commander";
import { flag } from "./options/setting.ts";

/** `sheethook demo` */
export function addDemo(program: Command): void {
  program.command("demo")
    .description("A guided tour of a few seconds: what a receiver has to survive, and how this one does.")
    .addOption(flag("--stay", "keep running afterwards, to try it yourself", "SHEETHOOK_DEMO_STAY"))
    .addHelpText(
      "after",
      `
A simulated Smartsheet, a receiver with an inbox in a file, and a handler that
writes back, all in this process and on loopback. Exit code 1 if anything in it
doesn't happen.

Examples:
  sheethook demo
  sheethook demo --stay      keep running, to edit the sheet with curl`,
    )
    .action(async ({ stay = false }: { stay?: boolean }) => {
      const { runDemo } = await import("./demo/run.ts");
      await runDemo(stay);
    });
}
