import type { CallbackState } from "../../inspect.ts";

/** A callback, and what its lane says about it: the columns `FOUND`. */
export interface Found {
  readonly id: number;
  readonly state: CallbackState;
  readonly lane: number;
  readonly taken: number | null;
  readonly lease_until: number | null;
  readonly retry_at: number | null;
  readonly dead_count: number;
  readonly owed_count: number;
}

/** Whether an attempt at it runs. */
export function isRunning({ id, taken, lease_until: leaseUntil }: Found, time: number): boolean {
  return taken === id && leaseUntil! > time;
}
