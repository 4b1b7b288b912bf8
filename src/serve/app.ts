import { Hono } from "hono";
import { messageOf } from "../errors.ts";
import { problem } from "../receive/problem.ts";
import { delay } from "../async/delay.ts";
import { HEALTH_PATH, type ServeSettings } from "./options.ts";

/** What a server adapter serves. */
export interface App {
  readonly fetch: Hono["fetch"];
  /**
   * Sends `Connection: close` with each answer, and resolves when clients have had time for one more request: a request
   * that arrives on a connection that is just being closed is lost.
   */
  sayGoodbye(): Promise<void>;
}

const GOODBYE_MS = 200;

/**
 * What every server adapter serves: the callback path and `GET /healthz`. Any other path, also one that differs by a slash, is 404:
 * a redirect would make Smartsheet disable the webhook.
 */
export function createApp(
  { fetch, path, onRefused, logger }: Pick<ServeSettings, "fetch" | "path" | "onRefused" | "logger">,
): App {
  let isClosing = false;

  function refuse(request: Request, status: 404 | 500): Response {
    // Smartsheet POSTs: what else comes to another path is none of its requests.
    if (request.method === "POST") onRefused(status);
    return problem(status);
  }

  const app = new Hono();
  if (path !== "*") app.get(HEALTH_PATH, (context) => context.text("ok"));
  app.all(path, async (context) => {
    const request = context.req.raw;
    try {
      const response = await fetch(request);
      return isClosing ? withClose(response) : response;
    } catch (error) {
      logger.error("fetch should never reject: {error}", { error: messageOf(error) });
      return refuse(request, 500);
    }
  });
  app.notFound((context) => refuse(context.req.raw, 404));
  return {
    fetch: app.fetch,
    async sayGoodbye() {
      isClosing = true;
      await delay(GOODBYE_MS);
    },
  };
}

function withClose(response: Response): Response {
  try {
    response.headers.set("connection", "close");
  } catch {
    // Those of an answer that was fetched from elsewhere can't be changed.
  }
  return response;
}
