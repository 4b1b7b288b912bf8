import type { SimulatorSettings } from "../options.ts";
import { rateLimitExceeded } from "./rate_limit.ts";

const LIMIT = 80_000;
/** Cost of each `GET /sheets/{id}`; other requests cost nothing. */
const COST = 400;

/**
 * Makes the `x-ratelimit-*` headers for reads of sheets. Without a limit, each read is shown as the first one.
 *
 * @throws {ApiError} 4003
 */
export function createReadLimit(
  { now, requestsPerMinute, assumptions }: SimulatorSettings,
): (token: string) => Record<string, string> {
  const { readWindowMs, readResetFormat } = assumptions;
  const windows = new Map<string, { readonly endsAt: number; left: number }>();

  return (token) => {
    const at = now();
    const last = windows.get(token);
    const isOpen = last !== undefined && last.endsAt > at && requestsPerMinute !== Infinity;
    const window = isOpen ? last : { endsAt: at + readWindowMs, left: LIMIT };
    if (window.left < COST) throw rateLimitExceeded();
    window.left -= COST;
    windows.set(token, window);
    const reset = readResetFormat === "epoch-ms"
      ? window.endsAt
      : Math.ceil((readResetFormat === "epoch-seconds" ? window.endsAt : window.endsAt - at) / 1000);
    return {
      "x-ratelimit-limit": String(LIMIT),
      "x-ratelimit-remaining": String(window.left),
      "x-ratelimit-reset": String(reset),
    };
  };
}
