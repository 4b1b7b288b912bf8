import { unanswered } from "../../api/unanswered.ts";

/**
 * A fetch for somebody who waits in front of a terminal: until the API has answered once, a request without an answer is
 * sent again only once. A wrong URL or no network is known after a second, not after all the attempts of an API that
 * only stumbles.
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
      // An ApiError without a status isn't sent again.
      throw unanswered(`${request.method} ${pathname}`, `${origin} (SMARTSHEET_API_URL)`, cause, true);
    }
  };
}
