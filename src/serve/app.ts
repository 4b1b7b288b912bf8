import { Hono } from "hono";
import { messageOf } from "../errors.ts";
import { problem } from "../problem.ts";
import type { ServeSettings } from "./options.ts";

/**
 * What every door serves: the callback path and `GET /healthz`. Any other path, also one that differs by a slash, is 404:
 * a redirect would make Smartsheet disable the webhook.
 */
export function createApp(
  { fetch, path, everyPath, onRefused, logger }: Pick<
    ServeSettings,
    "fetch" | "path" | "everyPath" | "onRefused" | "logger"
  >,
): Hono {
  function refuse(request: Request, status: 404 | 500): Response {
    // Smartsheet POSTs: what else comes to another path is none of its requests.
    if (request.method === "POST") onRefused(status);
    return problem(status);
  }

  const app = new Hono();
  if (!everyPath) app.get("/healthz", (context) => context.text("ok"));
  app.all(everyPath ? "*" : path, async (context) => {
    const request = context.req.raw;
    try {
      return await fetch(request);
    } catch (error) {
      logger.error("fetch should never reject: {error}", { error: messageOf(error) });
      return refuse(request, 500);
    }
  });
  app.notFound((context) => refuse(context.req.raw, 404));
  return app;
}
