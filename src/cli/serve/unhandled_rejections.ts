import process from "node:process";
import type { Counts } from "../../counts.ts";
import { errorText, firstLine } from "../../error_text.ts";
import type { Logger } from "../../logger.ts";

/**
 * Logs and counts unhandled rejections, for which the runtime would otherwise end the process and the work on every other
 * sheet. They come from a handler that forgets an `await`, after its callback counts as done.
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
