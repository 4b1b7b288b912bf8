import type { Callback } from "../callback/callback.ts";
import { logNameOf } from "../callback/log_name.ts";
import type { Counts } from "../counts.ts";
import { errorText, firstLine } from "../error_text.ts";
import type { CallName } from "../inbox/inbox.ts";
import type { Logger } from "../logger.ts";
import { plural } from "../text.ts";
import type { Call } from "./calls.ts";

/** The call that failed, as people count: from 1. */
export interface FailedCall {
  readonly event: CallName;
  readonly handler: number;
}

/** Counts and logs the calls that end in a `throw` while their callback goes on. @param died how many died before it */
export type CallLog = Readonly<
  Record<
    "skip" | "dead",
    (call: Call, callback: Callback, thrown: unknown, attempt: number, died: number) => void
  >
>;

/** Of the dead calls of one attempt, those behind them are logged as `debug`: there may be thousands. */
const LOGGED = 20;

export function createCallLog(logger: Logger, counts: Counts): CallLog {
  function propertiesOf(call: Call, callback: Callback, thrown: unknown) {
    const error = errorText(thrown);
    const failed = failedCall(call);
    return { ...logNameOf(callback).properties, ...failed, at: callText(failed), reason: firstLine(error), error };
  }

  return {
    skip(call, callback, thrown) {
      counts.skipped++;
      const { error: _, ...properties } = propertiesOf(call, callback, thrown);
      logger.info(`A call of ${logNameOf(callback).text} is skipped at {at}: {reason}`, properties);
    },

    dead(call, callback, thrown, attempt, died) {
      counts.failures++;
      counts.deadCalls++;
      logger[died < LOGGED ? "error" : "debug"](
        `A call of ${logNameOf(callback).text} is dead after {attempt} attempt${plural(attempt)} at {at}: {reason}`,
        { ...propertiesOf(call, callback, thrown), attempt },
      );
    },
  };
}

export function failedCall({ name, handler }: Call): FailedCall {
  return { event: typeof name === "number" ? name + 1 : name, handler: handler.index + 1 };
}

/** `event 2, handler 1` */
export function callText({ event, handler }: FailedCall): string {
  if (event === "read") return "reading rows";
  return `${typeof event === "number" ? `event ${event}` : subjectText(event)}, handler ${handler}`;
}

/** What a call that is for no event is about: `onCallback`, `onStatus`, `onGap`, `onChange of row 17`, `reading rows`. */
export function subjectText(name: Exclude<CallName, number>): string {
  if (name === "read") return "reading rows";
  if (name === "all") return "onCallback";
  if (name === "gap") return "onGap";
  return name === "status" ? "onStatus" : `onChange of row ${name.slice("row/".length)}`;
}
