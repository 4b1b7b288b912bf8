import { Hono } from "hono";
import type { Account } from "./account.ts";
import { ApiError, notFound } from "./api_error.ts";
import { addAttachmentRoutes } from "./attachment_routes.ts";
import { addDiscussionRoutes } from "./discussion_routes.ts";
import { addOwnRoutes } from "./own_routes.ts";
import { createRateLimit, rateLimitExceeded } from "./rate_limit.ts";
import type { ApiEnv } from "./request.ts";
import { addRowRoutes } from "./row_routes.ts";
import { addSheetRoutes } from "./sheet_routes.ts";
import { userView } from "./users.ts";
import { addWebhookRoutes } from "./webhook_routes.ts";

/** All that is served: the API under `/2.0`, and the simulator's own under `/_simulator`. */
export function createApp(account: Account): Hono<ApiEnv> {
  const { settings, users } = account;
  const app = new Hono<ApiEnv>();
  const spend = createRateLimit(settings.requestsPerMinute, settings.now);

  app.use("/2.0/*", async (context, next) => {
    const [, token] = /^Bearer +(\S.*)$/i.exec(context.req.header("authorization") ?? "") ?? [];
    if (!token) throw new ApiError(401, 1001, "An Access Token is required.");
    context.set("user", users.ofToken(token.trim()));
    spend(token, context.req.path);
    if (settings.strikes("rate-limit")) throw rateLimitExceeded();
    await next();
  });

  const api = new Hono<ApiEnv>();
  api.get("/users/me", (context) => context.json(userView(context.get("user"))));
  addWebhookRoutes(api, account);
  addSheetRoutes(api, account);
  addRowRoutes(api, account);
  addDiscussionRoutes(api, account);
  addAttachmentRoutes(api, account);
  app.route("/2.0", api);
  addOwnRoutes(app, account);

  app.notFound(() => errorResponse(notFound(), account));
  app.onError((error) => {
    const known = error instanceof ApiError ? error : new ApiError(500, 4000, `An unexpected error: ${error.message}`);
    return errorResponse(known, account);
  });
  return app;
}

function errorResponse({ status, errorCode, message, detail }: ApiError, { settings }: Account): Response {
  const refId = settings.random.text(12);
  return Response.json({ errorCode, message, refId, ...(detail === undefined ? {} : { detail }) }, { status });
}
