import { Option } from "commander";
import process from "node:process";
import { createInterface } from "node:readline/promises";
import { usageError } from "./usage_error.ts";

/** Where the question and the answer go. */
export interface Dialog {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly output: NodeJS.WritableStream;
}

/** `--yes`. It has no environment variable: only the command line may answer for a person. */
export function yesFlag(): Option {
  return new Option("--yes", "don't ask");
}

/**
 * Asks a person before a change that can't be undone; `yes` answers the question.
 *
 * @throws {SheethookError} `option_invalid` if stdin isn't a terminal
 * @throws {Error} if the answer is no
 */
export async function confirm(question: string, yes: boolean | undefined, dialog: Dialog = terminal()): Promise<void> {
  if (yes) return;
  if (!dialog.input.isTTY) {
    throw usageError(`${question} Nobody can be asked here: it should be called with --yes`);
  }
  const lines = createInterface({ input: dialog.input, output: dialog.output });
  try {
    // Undefined if the input ends without an answer.
    const none = new Promise<undefined>((resolve) => lines.once("close", () => resolve(undefined)));
    const answer = await Promise.race([lines.question(`${question} [y/N] `), none]);
    if (answer === undefined) dialog.output.write("\n");
    if (!/^\s*y(es)?\s*$/i.test(answer ?? "")) throw new Error("Nothing was changed: the answer was no");
  } finally {
    lines.close();
  }
}

function terminal(): Dialog {
  return { input: process.stdin, output: process.stderr };
}
