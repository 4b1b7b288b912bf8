import { unanswered } from "../../api/unanswered.ts";

/**
 * A fetch for commands that a person waits for: until the API has answered once, a request without an answer is retried
 * only once. A wrong URL or a missing network is reported after a second, not after all retries.
 */
export function createImpatientFetch(
  fetch: (request: Request) => Promise<Response> = (request) => globalThis.fetch(request),
): (request: Request) => Promise<Response> {
  let hasAnswered = false;
  let failures = 0;
  return async (request) => {
    try {
      const response = await fetch(request);
      hasAnswered = true;
      return response;
    } catch (cause) {
      if (hasAnswered || request.signal.aborted || ++failures < 2) throw cause;
      const { origin, pathname } = new URL(request.url);
      // An ApiError without a status isn't retried.
      throw unanswered(`${request.method} ${pathname}`, `${origin} (SMARTSHEET_API_URL)`, cause, true);
    }
  };
}
