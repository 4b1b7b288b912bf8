import process from "node:process";
import type { Api } from "../../../api/api.ts";
import type { Logger } from "../../../logger.ts";
import { openApiWith } from "../../options/smartsheet_api.ts";
import { usageError } from "../../terminal/usage_error.ts";
import type { Fleet } from "./fleet.ts";

/**
 * Opens the API for each token that an entry uses.
 *
 * @param logger as for `openApi`
 * @throws {SheethookError} `option_invalid` that names the variable of a token that isn't set; no message shows a token
 */
export async function openTokens({ tokens, entries }: Fleet, logger?: Logger): Promise<Map<string, Api>> {
  const used = new Set(entries.map(({ token }) => token));
  const apis = new Map<string, Api>();
  for (const [name, { env, region, apiUrl }] of tokens) {
    if (!used.has(name)) continue;
    const token = process.env[env]?.trim();
    if (!token) throw usageError(`${env} isn't set: it should be the access token that the fleet file calls ${name}`);
    apis.set(name, await openApiWith({ token, variable: env, region, apiUrl }, logger));
  }
  return apis;
}
