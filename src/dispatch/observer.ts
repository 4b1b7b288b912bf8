import type { AnyEvent } from "../callback/event.ts";
import { errorText, firstLine } from "../error_text.ts";
import type { CallName } from "../inbox/inbox.ts";
import type { Logger } from "../logger.ts";
import type { EndedReconcile } from "../mirror/reconcile/observe_reconcile.ts";
import { isThenable } from "../thenable.ts";

/** What became of an event. `ownChange`: no handler was called for it. */
export type EventResult = "handled" | "unhandled" | "ownChange";

/** Sees events and calls as they happen, for metrics. It must be quick; errors of its own are ignored. */
export interface Observer {
  /** Called once per event, regardless of how many attempts its callback takes. */
  readonly onEvent: (event: AnyEvent, result: EventResult) => void;
  /**
   * A handler is to run: `call` is the index of its event, `row/<id>` for `onChange`,
   * `gap` for `onGap`, `all` for `onCallback`, `status` for `onStatus`, `read` for what reads the rows. Calls `run`
   * once, which throws or rejects if the handler does. What it returns is ignored.
   */
  readonly onCall: (call: CallName, run: () => unknown) => unknown;
  /** Called when a sheet was compared with its mirror, or couldn't be. */
  readonly onReconcile?: ((ended: EndedReconcile) => void) | undefined;
}

/** The same observer without its own errors: processing can't depend on metrics. */
export function createQuietObserver(observer: Observer, logger: Logger): Observer {
  let isLogged = false;
  function logOnce(error: unknown): void {
    if (isLogged) return;
    isLogged = true;
    const text = errorText(error);
    logger.warn("The observer throws, which is ignored: {reason}", { reason: firstLine(text), error: text });
  }
  return {
    onEvent(event, result) {
      try {
        observer.onEvent(event, result);
      } catch (error) {
        logOnce(error);
      }
    },
    onReconcile(ended) {
      try {
        observer.onReconcile?.(ended);
      } catch (error) {
        logOnce(error);
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
      // It rejects with the handler's error, or else with one of its own.
      const ignore = (error: unknown) => {
        if (!ran || "returned" in ran && !isThenable(ran.returned)) logOnce(error);
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
      // It hasn't called `run` yet: it does something of its own first.
      return returned.then(undefined, ignore).then(runOnce);
    },
  };
}
