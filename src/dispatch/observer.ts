import type { AnyEvent } from "../callback/event.ts";

/** What became of an event. `ownChange`: it was ours, and therefore not handed to handlers. */
export type EventResult = "handled" | "unhandled" | "ownChange";

/** Is told what happens while it happens, for metrics. Its functions must be quick, and must not throw. */
export interface Observer {
  /** An event was come to: once, however many attempts its callback takes. */
  readonly onEvent: (event: AnyEvent, result: EventResult) => void;
  /** A handler has ended: one of an event, of a whole callback, or of a status. `isDone` is false if it threw. */
  readonly onCall: (kind: "event" | "callback" | "status", ms: number, isDone: boolean) => void;
}
