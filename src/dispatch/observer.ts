import type { AnyEvent } from "../callback/event.ts";
import { errorText, firstLine } from "../error_text.ts";
import type { Logger } from "../logger.ts";
import { isThenable } from "../thenable.ts";

/** What became of an event. `ownChange`: it was ours, and therefore not handed to handlers. */
export type EventResult = "handled" | "unhandled" | "ownChange";

/** Is told what happens while it happens, for metrics. It must be quick; what it throws by itself is ignored. */
export interface Observer {
  /** An event was come to: once, however many attempts its callback takes. */
  readonly onEvent: (event: AnyEvent, result: EventResult) => void;
  /**
   * A handler is to run: `call` is the index of its event, `all` for `onCallback`, `status` for `onStatus`. Calls `run`
   * once, which throws or rejects if the handler does. What it returns is ignored.
   */
  readonly onCall: (call: number | "all" | "status", run: () => unknown) => unknown;
}

/** The same observer, but for what it throws or rejects with by itself: what becomes of an event can't depend on metrics. */
export function createQuietObserver(observer: Observer, logger: Logger): Observer {
  let isTold = false;
  function tell(error: unknown): void {
    if (isTold) return;
    isTold = true;
    const text = errorText(error);
    logger.warn("The observer throws, which is ignored: {reason}", { reason: firstLine(text), error: text });
  }
  return {
    onEvent(event, result) {
      try {
        observer.onEvent(event, result);
      } catch (error) {
        tell(error);
      }
    },
    onCall(call, run) {
      let ran: { readonly returned?: unknown; readonly thrown?: unknown } | undefined;
      const runOnce = () => {
        try {
          ran ??= { returned: run() };
        } catch (thrown) {
          ran = { thrown };
        }
        if ("thrown" in ran) throw ran.thrown;
        return ran.returned;
      };
      // What it rejects with is the handler's own rejection, or else its own fault.
      const ignore = (error: unknown) => {
        if (!ran || "returned" in ran && !isThenable(ran.returned)) tell(error);
      };
      let returned: unknown;
      try {
        returned = observer.onCall(call, runOnce);
      } catch (error) {
        ignore(error);
      }
      if (ran || !isThenable(returned)) {
        if (isThenable(returned)) returned.then(undefined, ignore);
        return runOnce();
      }
      // It hasn't yet: it does something of its own before.
      return returned.then(undefined, ignore).then(runOnce);
    },
  };
}
