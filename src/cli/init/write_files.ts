import { lstatSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ProjectFile } from "./project.ts";

/**
 * What becomes of a file: `new` is written; `same` is there with the same text; `kept` is there and belongs to the user;
 * `exists` is there with another text and is replaced only by force.
 */
export type FileState = "new" | "same" | "kept" | "exists";

/** A file, and what is there. */
export interface PlannedFile extends ProjectFile {
  readonly state: FileState;
}

/** Compares the files with the folder. */
export function planFiles(folder: string, files: readonly ProjectFile[]): PlannedFile[] {
  return files.map((file) => ({ ...file, state: stateOf(folder, file) }));
}

function stateOf(folder: string, { name, text, keep = false }: ProjectFile): FileState {
  const path = join(folder, name);
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats?.isFile() && readFileSync(path, "utf8") === text) return "same";
  if (!stats) return "new";
  return keep ? "kept" : "exists";
}

/**
 * Writes what is new and, by force, what exists.
 *
 * @throws {Error} if a file can't be written, or has come into being since it was planned
 */
export function writeFiles(folder: string, files: readonly PlannedFile[]): void {
  mkdirSync(folder, { recursive: true });
  for (const { name, text, state } of files) {
    if (state === "new") writeFileSync(join(folder, name), text, { flag: "wx" });
    if (state === "exists") writeFileSync(join(folder, name), text);
  }
}
