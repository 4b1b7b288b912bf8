import { Option } from "commander";
import process from "node:process";
import { createInterface } from "node:readline/promises";
import { usageError } from "./usage_error.ts";

/** Where a person is asked, and answers. */
export interface Asked {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly output: NodeJS.WritableStream;
}

/** `--yes`, which has no environment variable: nothing but the command itself may answer for a person. */
export function yesFlag(): Option {
  return new Option("--yes", "don't ask");
}

/**
 * Asks before what can't be undone; `yes` answers for the person.
 *
 * @throws {SheethookError} `option_invalid` if nobody can be asked
 * @throws {Error} if the answer is no
 */
export async function confirm(question: string, yes: boolean | undefined, asked: Asked = terminal()): Promise<void> {
  if (yes) return;
  if (!asked.input.isTTY) {
    throw usageError(`${question} Nobody can be asked here: it should be called with --yes`);
  }
  const lines = createInterface({ input: asked.input, output: asked.output });
  try {
    // Without an answer, at the end of the input.
    const none = new Promise<undefined>((resolve) => lines.once("close", () => resolve(undefined)));
    const answer = await Promise.race([lines.question(`${question} [y/N] `), none]);
    if (answer === undefined) asked.output.write("\n");
    if (!/^\s*y(es)?\s*$/i.test(answer ?? "")) throw new Error("Nothing was changed: the answer was no");
  } finally {
    lines.close();
  }
}

function terminal(): Asked {
  return { input: process.stdin, output: process.stderr };
}
