import { readFile } from "node:fs/promises";
import { usageError } from "../../terminal/usage_error.ts";
import type { Fleet } from "./fleet.ts";
import { parseFleet } from "./parse_fleet.ts";

/** Reads a fleet file. @throws {SheethookError} `option_invalid` if it can't be read, or isn't right */
export async function readFleet(file: string): Promise<Fleet> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    throw usageError(
      `Fleet file ${file} can't be read (${(error as NodeJS.ErrnoException).code}): it should be a JSON file`,
    );
  }
  return parseFleet(text, file);
}
