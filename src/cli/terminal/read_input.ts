import { readFile } from "node:fs/promises";
import process from "node:process";
import { buffer } from "node:stream/consumers";
import { note } from "./print.ts";

/** The bytes of stdin, unchanged. Writes a hint to stderr if stdin is a terminal. */
export async function readStdin(): Promise<Uint8Array<ArrayBuffer>> {
  const end = process.platform === "win32" ? "^Z and Enter" : "^D";
  if (process.stdin.isTTY) note(`Reading the body from this terminal; end it with ${end}`);
  return new Uint8Array(await buffer(process.stdin));
}

/** The bytes of a file, or of stdin for `-`. @throws {Error} if there is no such file */
export async function readInput(file: string): Promise<Uint8Array<ArrayBuffer>> {
  if (file === "-") return await readStdin();
  try {
    return new Uint8Array(await readFile(file));
  } catch (cause) {
    throw new Error(`File ${file} can't be read (${(cause as NodeJS.ErrnoException).code})`, { cause });
  }
}

/** The body as a JSON object, or an empty object if it isn't one: a malformed body can be signed and sent, too. */
export function peekBody(body: Uint8Array): Record<string, unknown> {
  try {
    const json: unknown = JSON.parse(new TextDecoder().decode(body));
    return typeof json === "object" && json !== null ? json as Record<string, unknown> : {};
  } catch {
    return {};
  }
}
