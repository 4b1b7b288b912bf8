import type { AnyEvent } from "../callback/event.ts";

/** What became of an event. `ownChange`: it was ours, and therefore not handed to handlers. */
export type EventResult = "handled" | "unhandled" | "ownChange";

/** Is told what happens while it happens, for metrics. It must be quick, and must not throw by itself. */
export interface Observer {
  /** An event was come to: once, however many attempts its callback takes. */
  readonly onEvent: (event: AnyEvent, result: EventResult) => void;
  /**
   * A handler is to run: `call` is the index of its event, `all` for `onCallback`, `status` for `onStatus`. Must call `run`
   * once, and throw or reject if that does; what it returns is awaited and otherwise ignored.
   */
  readonly onCall: (call: number | "all" | "status", run: () => unknown) => unknown;
}
