/** Smaller steps aren't followed: clocks are corrected a little all the time. */
export const STEP_MS = 1000;

/** Watches a clock that may be set. */
export interface ClockWatch {
  /** By how many milliseconds it was set since it was last followed: negative if it went back, 0 if it just ran. */
  step(): number;
  follow(): void;
}

/** @param elapsed a clock that nobody sets, in milliseconds from anywhere */
export function createClockWatch(now: () => number, elapsed: () => number): ClockWatch {
  const offsetNow = () => Math.round(now() - elapsed());
  let offset = offsetNow();
  return {
    step() {
      const step = offsetNow() - offset;
      return Math.abs(step) < STEP_MS ? 0 : step;
    },
    follow() {
      offset = offsetNow();
    },
  };
}
