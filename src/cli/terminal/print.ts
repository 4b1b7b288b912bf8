import process from "node:process";

/** Writes a line of what the command was asked for, to stdout. */
export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/**
 * Writes a part of a long output to stdout, and waits until it has been taken, so that little is kept in memory.
 *
 * @returns false if the reader has gone, as `head` does
 */
export function printPart(text: string): Promise<boolean> {
  return new Promise((resolve) => process.stdout.write(text, (error) => resolve(!error)));
}

/** Writes a line about the command itself, such as its progress, to stderr. */
export function note(line: string): void {
  process.stderr.write(`${line}\n`);
}
