import { Command, CommanderError } from "commander";
import process from "node:process";
import { stripVTControlCharacters } from "node:util";
import { SheethookError } from "../errors.ts";
import { inCliWords } from "./options/cli_words.ts";
import { addAlerts } from "./alerts.ts";
import { addDemo } from "./demo.ts";
import { addDoctor } from "./doctor.ts";
import { addInit } from "./init.ts";
import { addInbox } from "./inbox.ts";
import { addMirror } from "./mirror.ts";
import { createPaint } from "./terminal/paint.ts";
import { note } from "./terminal/print.ts";
import { addSend } from "./send.ts";
import { addServe } from "./serve.ts";
import { addSign } from "./sign.ts";
import { optionText } from "./options/option_text.ts";
import { settleOptions } from "./options/setting.ts";
import { listedEnvironment, unknownVariables } from "./options/unknown_variables.ts";
import { addSimulate } from "./simulate.ts";
import { VERSION } from "./version.ts";
import { addWebhooks } from "./webhooks.ts";

/** Every command. */
export function createProgram(): Command {
  const program = new Command("sheethook")
    .description(
      "Receives Smartsheet's webhook callbacks, and runs your handlers: in order, with retries, without loops.",
    )
    .version(VERSION, "-v, --version", "show the version")
    .helpOption("-h, --help", "show help")
    .helpCommand("help [command]", "show help for a command")
    .configureHelp({ sortSubcommands: false, showGlobalOptions: false, optionDescription: optionText })
    .configureOutput({
      outputError: (text, write) => write(`${errorName()} ${oneLine(text.replace(/^error: /, ""))}\n`),
      // No help has colours; the check for them would need three more permissions on Deno.
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .exitOverride()
    .hook("preAction", (_, command) => {
      settleOptions(command);
      // It is set up by its environment, and runs for long.
      if (command.name() !== "serve") return;
      for (const problem of unknownVariables(program, listedEnvironment())) note(`${errorName("yellow")} ${problem}`);
    })
    .addHelpText(
      "after",
      `
Examples:
  sheethook demo                       a guided tour, without an account
  sheethook simulate                   a stand-in for Smartsheet, to try it
  sheethook serve                      answer on port 8000, and log each event
  sheethook serve handlers.ts          run the handlers that a module registers
  sheethook init                       files to deploy it
  sheethook webhooks create SHEET URL  subscribe to a sheet, while serve runs
  sheethook doctor https://hooks.example.com/webhook
                                       check a receiver as Smartsheet would
  sheethook inbox stats                what is pending, done and dead
  sheethook mirror rows Orders --csv   the last known rows of a sheet
  sheethook alert test                 try the targets of alerts
  sheethook sign < body.json           the signature of a body
  sheethook send http://localhost:8000/webhook
                                       send a signed callback

Every option has an environment variable; an option that is given wins. Only
--yes, --force, --dry-run, --plan and the options that choose what a command
deletes, replays or changes have none.
Exit codes: 0 done, 1 failed, 2 wrong usage (an argument that can't be right).
SHEETHOOK_DEBUG=1 shows the stack of an error.`,
    );
  addServe(program);
  addDemo(program);
  addInit(program);
  addSimulate(program);
  addWebhooks(program);
  addDoctor(program);
  addInbox(program);
  addMirror(program);
  addAlerts(program);
  addSign(program);
  addSend(program);
  return program;
}

/**
 * Runs one command to its end.
 *
 * @returns the exit code: 0 done, 1 failed, 2 wrong usage. Never rejects; the error is one line on stderr.
 */
export async function runProgram(args: readonly string[]): Promise<number> {
  // A reader that goes away (`| head`) must not end a server.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
  try {
    await createProgram().parseAsync(args, { from: "user" });
    return Number(process.exitCode ?? 0);
  } catch (thrown) {
    // commander has written the error or the help already.
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? 0 : 2;
    const error = inCliWords(thrown);
    process.stderr.write(`${errorName()} ${describeError(error)}\n`);
    return error instanceof SheethookError && error.code === "option_invalid" ? 2 : 1;
  }
}

/** The beginning of each line about an error, or in yellow about something that may be one. */
function errorName(color: "red" | "yellow" = "red"): string {
  return createPaint(process.stderr)(color, "sheethook:");
}

function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return wantsStack() ? withCauses(error) : oneLine(error.message);
}

function wantsStack(): boolean {
  try {
    return !["", "0", undefined].includes(process.env.SHEETHOOK_DEBUG);
  } catch {
    // Deno without the permission to read the environment: the error itself says so.
    return false;
  }
}

function oneLine(text: string): string {
  return stripVTControlCharacters(text).trim().replace(/\s*\n\s*/g, " ");
}

function withCauses(error: Error): string {
  const stack = error.stack ?? String(error);
  return error.cause instanceof Error ? `${stack}\nbecause of ${withCauses(error.cause)}` : stack;
}
