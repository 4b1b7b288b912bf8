import type { Callback } from "../callback/callback.ts";
import { logNameOf } from "../callback/log_name.ts";
import type { Counts } from "../counts.ts";
import { errorText, firstLine } from "../error_text.ts";
import type { Logger } from "../logger.ts";
import { plural } from "../text.ts";
import { callText, type CountedCall, countedCall } from "./call_text.ts";
import type { Call } from "./calls.ts";

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

export function failedCall({ name, handler }: Call): CountedCall {
  return countedCall({ event: name, handler: handler.index });
}
