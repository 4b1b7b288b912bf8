import process from "node:process";
import type { Counts } from "../../counts.ts";
import { errorText, firstLine } from "../../error_text.ts";
import type { Logger } from "../../logger.ts";

/**
 * Logs and counts rejections that nobody handles, instead of letting the runtime end the process, and with it the work on
 * every other sheet: a handler that forgets an `await` has long been taken for done when they come.
 */
export function watchUnhandledRejections(counts: Pick<Counts, "unhandledErrors">, logger: Logger): void {
  process.on("unhandledRejection", (thrown) => {
    counts.unhandledErrors++;
    const error = errorText(thrown);
    logger.error(
      "A promise was rejected that nobody awaits, a defect of the handlers' module (is an await missing?): {reason}",
      { reason: firstLine(error), error },
    );
  });
}
