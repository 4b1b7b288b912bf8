import { delay } from "../async/delay.ts";

/** How long processing may hold the event loop. */
const SLICE_MS = 10;

/** Lets requests and timers run between two calls. */
export interface TimeSlice {
  /** @param monotonic of `performance.now()` */
  isOver(monotonic: number): boolean;
  /** Resolves when others have run, if the slice is over. */
  yield(): Promise<void>;
}

export function createTimeSlice(): TimeSlice {
  let endAt = 0;
  let yielding: Promise<void> | undefined;
  const isOver = (monotonic: number) => monotonic >= endAt;
  return {
    isOver,
    async yield() {
      if (!isOver(performance.now())) return;
      yielding ??= delay(0).then(() => {
        yielding = undefined;
        endAt = performance.now() + SLICE_MS;
      });
      await yielding;
    },
  };
}
