import type { AnyEvent } from "../../../mod.ts";

/** What every contender's handler does with an event: enough that it can't be optimised away. */
export const sink = {
  events: 0,
  /** From the answer to the start of its handler. */
  waitsMs: [] as number[],
  /** Told by the last event of a callback. */
  onEvent(event: AnyEvent): void {
    sink.events += event.eventType === undefined ? 0 : 1;
  },
};
