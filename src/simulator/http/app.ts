import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { Account } from "../account/account.ts";
import { ApiError, methodNotSupported, notFound, tooLarge } from "../api_error.ts";
import { createApiFaults } from "./api_faults.ts";
import { addAttachmentRoutes } from "./routes/attachments.ts";
import { addContainerRoutes } from "./routes/containers.ts";
import { addDiscussionRoutes } from "./routes/discussions.ts";
import { addOwnRoutes } from "./routes/own.ts";
import { createCallerCheck } from "./caller.ts";
import { createRateLimit } from "./rate_limit.ts";
import type { ApiEnv } from "./request.ts";
import { addRowRoutes } from "./routes/rows.ts";
import { addSheetRoutes } from "./routes/sheets.ts";
import { userView } from "../account/users.ts";
import { addWebhookRoutes } from "./routes/webhooks.ts";

/** As large as an attachment may be. */
const MAX_BODY_BYTES = 30 * 1024 * 1024;

/** The limit of the proxy in front of Smartsheet's API, which answers with its own page. */
const MAX_URL_LENGTH = 8000;
const URI_TOO_LONG = "<html><head><title>414 Request-URI Too Large</title></head>" +
  "<body><center><h1>414 Request-URI Too Large</h1></center></body></html>";

/** Serves the API under `/2.0`, and the simulator's own requests under `/_simulator`. */
export function createApp(account: Account): Hono<ApiEnv> {
  const { settings, users } = account;
  const app = new Hono<ApiEnv>();
  const spend = createRateLimit(settings.requestsPerMinute, settings.now);

  app.use(async (context, next) => {
    await next();
    context.header("date", new Date(settings.now()).toUTCString());
  });
  app.use(createCallerCheck(settings.hosts));
  app.use(bodyLimit({
    maxSize: MAX_BODY_BYTES,
    onError: () => {
      throw tooLarge(MAX_BODY_BYTES);
    },
  }));
  app.use("/2.0/*", async (context, next) => {
    const { pathname, search } = new URL(context.req.url);
    if (pathname.length + search.length > MAX_URL_LENGTH) return context.html(URI_TOO_LONG, 414);
    const [, token] = /^Bearer +(\S.*)$/i.exec(context.req.header("authorization") ?? "") ?? [];
    if (!token) throw new ApiError(401, 1001, "An Access Token is required.");
    context.set("user", users.ofToken(token.trim()));
    context.set("token", token.trim());
    spend(token, context.req.path);
    await next();
  });
  app.use("/2.0/*", createApiFaults(settings));

  const api = new Hono<ApiEnv>();
  api.get("/users/me", (context) => context.json(userView(context.get("user"))));
  addWebhookRoutes(api, account);
  addSheetRoutes(api, account);
  addContainerRoutes(api, account);
  addRowRoutes(api, account);
  addDiscussionRoutes(api, account);
  addAttachmentRoutes(api, account);
  app.route("/2.0", api);
  addOwnRoutes(app, account);

  app.notFound(({ req }) => {
    const allowed = app.routes.filter(({ method, path }) => method !== "ALL" && isServedBy(path, req.path));
    return errorResponse(allowed.length ? methodNotSupported() : notFound(), account);
  });
  app.onError((error) => {
    const known = error instanceof ApiError ? error : new ApiError(500, 4000, `An unexpected error: ${error.message}`);
    return errorResponse(known, account);
  });
  return app;
}

/** @param pattern a route's path, with parameters that begin with a colon */
function isServedBy(pattern: string, path: string): boolean {
  const [names, parts] = [pattern.split("/"), path.split("/")];
  return names.length === parts.length &&
    names.every((name, index) => name.startsWith(":") ? parts[index] !== "" : name === parts[index]);
}

function errorResponse({ status, errorCode, message, detail }: ApiError, { settings }: Account): Response {
  const refId = settings.random.text(12);
  return Response.json({ errorCode, message, refId, ...(detail === undefined ? {} : { detail }) }, { status });
}
