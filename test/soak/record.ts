import { closeSync, existsSync, openSync, readFileSync, writeSync } from "node:fs";

/**
 * What handlers did and what became of their processes, in the order in which it happened: `begin`, `end` and `fail` of
 * one call, `step` when its function runs, `stepped` when its result is in the inbox; `killed` when a process is gone
 * without having been stopped, `stopped` when it has ended by itself with 0, `frozen` when it is to stand still for a while;
 * `away` and `back` of the database.
 */
export type SoakLine =
  | CallLine & { readonly what: "begin" | "end" | "fail" }
  | CallLine & { readonly what: "step" | "stepped"; readonly name: string }
  | { readonly what: "killed" | "stopped" | "frozen"; readonly pid: number }
  | { readonly what: "away" | "back" };

interface CallLine {
  readonly pid: number;
  readonly number: number;
  readonly event: number;
  /** Which attempt at any callback, among those of the process. */
  readonly run?: number;
  /** The number of the attempt at this call. */
  readonly attempt?: number;
  /** It stood still between the moment when it might begin and its begin, which nothing in a process can prevent. */
  readonly late?: boolean | undefined;
}

/** Several processes write to one file; each line is one write behind all others, so a kill tears none. */
export interface SoakRecord {
  write(line: SoakLine): void;
  close(): void;
}

export function openRecord(path: string): SoakRecord {
  const file = openSync(path, "a");
  return {
    write: (line) => void writeSync(file, `${JSON.stringify(line)}\n`),
    close: () => closeSync(file),
  };
}

export function readRecord(path: string): SoakLine[] {
  if (!existsSync(path)) return [];
  return readFileSync(path, "utf8").split("\n").filter(Boolean).map((line) => JSON.parse(line) as SoakLine);
}
