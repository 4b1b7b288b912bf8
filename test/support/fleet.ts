import { writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { SimulatedAccount } from "./simulated_account.ts";

/** Writes a fleet file beside the secrets file. @returns its path */
export async function writeFleet(
  { file }: Pick<SimulatedAccount, "file">,
  entries: readonly Record<string, unknown>[],
  callbackUrl: string,
  more: Record<string, unknown> = {},
): Promise<string> {
  const path = join(dirname(file), "fleet.json");
  await writeFile(path, JSON.stringify({ name: "orders", defaults: { callbackUrl }, entries, ...more }, null, 2));
  return path;
}
