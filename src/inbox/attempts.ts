const FIRST_MS = 1000;
const LAST_MS = 3_600_000;

/** The error of an attempt that never ended. */
export const NEVER_ENDED = "Never ended: its process was killed, or lost its lease";

/**
 * How long a callback waits after attempt number `attempt` failed or never ended: doubling from 1 s, 20 % more or less,
 * so that what failed together isn't retried together, and at most 1 h. 15 attempts take about 3 hours.
 */
export function retryDelayMs(attempt: number, random: () => number): number {
  const doubled = Math.min(FIRST_MS * 2 ** (attempt - 1), LAST_MS);
  return Math.min(Math.round(doubled * (0.8 + 0.4 * random())), LAST_MS);
}
