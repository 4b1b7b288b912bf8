import type { SqliteStatements } from "./statements.ts";

/** Smaller steps aren't followed: clocks are corrected a little all the time. */
const STEP_MS = 1000;

/** Follows a clock that may be set. */
export interface ClockWatch {
  /** By how many milliseconds the clock was set since it was last followed: negative if it went back, 0 if it just ran. */
  step(): number;
  /** True for the length of a lease after the clock was set forward: leases look expired, and their holders renew them. */
  trustsLeases(): boolean;
  /**
   * Moves due times with a clock that was set back: once, by the process that notices first. In a transaction.
   *
   * @returns a function to call when that is committed
   */
  follow(time: number, leaseMs: number): () => void;
}

/** @param elapsed a monotonic clock, in milliseconds */
export function createClockWatch(sql: SqliteStatements, now: () => number, elapsed: () => number): ClockWatch {
  const offsetNow = () => Math.round(now() - elapsed());
  /** By how much the clock was set back since the file was made, as far as any process has followed it. */
  const readSetBack = () => (sql.setBack.get() as { value: number }).value;
  let offset = offsetNow();
  let followedSetBack = readSetBack();
  let trustLeasesUntil = -Infinity;

  function step(): number {
    const step = offsetNow() - offset;
    return Math.abs(step) < STEP_MS ? 0 : step;
  }

  return {
    step,

    trustsLeases: () => elapsed() < trustLeasesUntil,

    follow(time, leaseMs) {
      let setBack = readSetBack();
      // What others have followed is no step any more: what is left is forward, or not followed yet.
      const left = step() + (setBack - followedSetBack);
      if (left >= STEP_MS) trustLeasesUntil = elapsed() + leaseMs;
      if (left <= -STEP_MS) {
        sql.moveBack.run({ step: left, time, leased: time + leaseMs });
        setBack -= left;
        sql.setSetBack.run(setBack);
      }
      return () => {
        offset = offsetNow();
        followedSetBack = setBack;
      };
    },
  };
}
