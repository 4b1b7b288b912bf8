import { readFile, writeFile } from "node:fs/promises";
import type { Mutant } from "./mutant.ts";

const HEAD = "| file | what is broken | caught by |\n| --- | --- | --- |\n";

/** Stands where nothing catches a mutant, and no reason says why. */
export const OPEN = "nothing: OPEN";

/** The rows of the table in a README, by their first two columns. */
export async function readResults(path: string): Promise<Map<string, string>> {
  const text = await readFile(path, "utf8");
  const [, table = ""] = text.split(HEAD);
  const rows = table.split("\n").filter((line) => line.startsWith("| "));
  return new Map(rows.map((row) => [keyOfRow(row), row]));
}

/** Writes the rows in this order in place of the old ones. */
export async function writeResults(path: string, rows: readonly string[]): Promise<void> {
  const [before] = (await readFile(path, "utf8")).split(HEAD);
  await writeFile(path, `${before}${HEAD}${rows.join("\n")}\n`);
}

export function rowOf(file: string, { what, survives }: Mutant, caughtBy: string | undefined): string {
  const cells = [
    file.replace(/^src\//, ""),
    what,
    caughtBy ?? (survives === undefined ? OPEN : `nothing: ${survives}`),
  ];
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}

export function keyOf(file: string, mutant: Mutant): string {
  return keyOfRow(rowOf(file, mutant, ""));
}

function keyOfRow(row: string): string {
  return row.split(" | ").slice(0, 2).join(" | ");
}
