import process from "node:process";
import type { Api } from "../../api/api.ts";
import type { Logger } from "../../logger.ts";
import { debugOnly, hasToken, openWatchApi } from "../options/smartsheet_api.ts";
import { openTokens } from "../webhooks/fleet/open_tokens.ts";
import { readFleet } from "../webhooks/fleet/read_fleet.ts";

/**
 * The API of each token that owns webhooks: SMARTSHEET_ACCESS_TOKEN, if it is set, and those of the fleet as its file is
 * then. While the file isn't right, of which the fleet's keeper tells, those that it had.
 *
 * @returns undefined if there is no token
 */
export async function createWatchApis(
  fleetFile: string | undefined,
  logger: Logger,
): Promise<(() => Promise<readonly Api[]>) | undefined> {
  const own = hasToken() ? [await openWatchApi(logger)] : [];
  if (fleetFile === undefined) return own.length ? () => Promise.resolve(own) : undefined;
  const ownToken = process.env.SMARTSHEET_ACCESS_TOKEN?.trim();
  let apis: readonly Api[] = own;
  return async () => {
    try {
      const fleet = await readFleet(fleetFile);
      const opened = await openTokens(fleet, debugOnly(logger));
      const others = [...opened].filter(([name]) => process.env[fleet.tokens.get(name)!.env]?.trim() !== ownToken);
      apis = [...own, ...others.map(([, api]) => api)];
    } catch (error) {
      // Told of by the keeper. With no token at all, every webhook would seem to be gone.
      if (!apis.length) throw error;
    }
    return apis;
  };
}
