/** A step is noticed from this on: clocks are corrected a little all the time. */
const STEP_MS = 1000;

/**
 * Watches a clock that may be set. Each call returns by how many milliseconds it was set since the call before:
 * negative if it went back, 0 if it just ran.
 *
 * @param elapsed a clock that nobody sets, in milliseconds from anywhere
 */
export function createClockWatch(elapsed: () => number): (time: number) => number {
  let offset: number | undefined;
  return (time) => {
    const before = offset;
    offset = time - elapsed();
    const step = before === undefined ? 0 : offset - before;
    return Math.abs(step) < STEP_MS ? 0 : step;
  };
}
