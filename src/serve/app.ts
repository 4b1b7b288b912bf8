import { Hono } from "hono";
import { messageOf } from "../errors.ts";
import { problem } from "../problem.ts";
import { markServed } from "../receive/served.ts";
import type { ServeSettings } from "./options.ts";

/**
 * What every door serves: the callback path and `GET /healthz`. Any other path, also one that differs by a slash, is 404:
 * a redirect would make Smartsheet disable the webhook.
 */
export function createApp(
  settings: Pick<ServeSettings, "fetch" | "path" | "everyPath" | "maxRequests" | "logger">,
): Hono {
  const { fetch, path, everyPath, maxRequests, logger } = settings;
  let running = 0;
  let isFull = false;

  const app = new Hono();
  if (!everyPath) app.get("/healthz", (context) => context.text("ok"));
  app.all(everyPath ? "*" : path, async (context) => {
    if (running >= maxRequests) {
      if (!isFull) {
        logger.warn("Refusing with 503: {maxRequests} requests are being answered (maxRequests)", { maxRequests });
      }
      isFull = true;
      return problem(503);
    }
    running++;
    try {
      const request = context.req.raw;
      markServed(request);
      return await fetch(request);
    } catch (error) {
      logger.error("fetch should never reject: {error}", { error: messageOf(error) });
      return problem(500);
    } finally {
      running--;
      // One warning for each time that it gets full, not for each request.
      if (running < maxRequests / 2) isFull = false;
    }
  });
  app.notFound(() => notFound());
  return app;
}

function notFound(): Response {
  const body = JSON.stringify({ type: "about:blank", title: "Not Found", status: 404 });
  return new Response(body, { status: 404, headers: { "content-type": "application/problem+json" } });
}
