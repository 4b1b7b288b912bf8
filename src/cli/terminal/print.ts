import process from "node:process";

/** Writes a line of what the command was asked for, to stdout. */
export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Writes a line about the command itself, such as its progress, to stderr. */
export function note(line: string): void {
  process.stderr.write(`${line}\n`);
}
