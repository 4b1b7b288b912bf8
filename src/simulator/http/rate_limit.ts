import { ApiError } from "../api_error.ts";

const MINUTE_MS = 60_000;

/** Counts the requests of each token per minute; the history of a cell counts 10. @throws {ApiError} 4003 */
export function createRateLimit(requestsPerMinute: number, now: () => number): (token: string, path: string) => void {
  const windows = new Map<string, { endsAt: number; spent: number }>();
  return (token, path) => {
    if (requestsPerMinute === Infinity) return;
    const at = now();
    const window = windows.get(token);
    const current = window && window.endsAt > at ? window : { endsAt: at + MINUTE_MS, spent: 0 };
    windows.set(token, current);
    current.spent += path.endsWith("/history") ? 10 : 1;
    if (current.spent > requestsPerMinute) throw rateLimitExceeded();
  };
}

export function rateLimitExceeded(): ApiError {
  return new ApiError(429, 4003, "Rate limit exceeded.");
}
