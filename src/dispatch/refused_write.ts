import type { WriteWatch } from "../change_agent/change_agent.ts";
import type { Logger } from "../logger.ts";

/** Smartsheet's errors are some hundred bytes. */
const MAX_BODY_BYTES = 64 * 1024;

/**
 * Logs that Smartsheet has refused a write, with Smartsheet's error code if the answer has one: `fetch` doesn't throw for that,
 * and a handler that doesn't check loses the write silently.
 */
export function createRefusedWriteLog(logger: Logger): WriteWatch["onRefused"] {
  return ({ method, url: { host, pathname } }, answer) => {
    // Copied now: once the handler has read the body, it can't be copied.
    readErrorCode(copyOf(answer)).then((errorCode) => {
      const error = errorCode === undefined ? "" : " (error {errorCode})";
      logger.warn(
        `Smartsheet has refused a write: {method} {host}{path} was answered with {status}${error}`,
        // Without the query, which may hold anything.
        { method, host, path: pathname, status: answer.status, errorCode },
      );
    });
  };
}

function copyOf(answer: Response): Response | undefined {
  try {
    const { headers } = answer;
    if (!/\bjson\b/i.test(headers.get("content-type") ?? "")) return undefined;
    return Number(headers.get("content-length") ?? 0) <= MAX_BODY_BYTES ? answer.clone() : undefined;
  } catch {
    return undefined;
  }
}

async function readErrorCode(answer: Response | undefined): Promise<number | undefined> {
  try {
    const { errorCode } = await answer?.json() ?? {};
    return typeof errorCode === "number" ? errorCode : undefined;
  } catch {
    // Cut off, or no JSON after all.
    return undefined;
  }
}
