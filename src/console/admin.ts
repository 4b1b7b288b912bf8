/**
 * `sheethook/console`: the admin port. `createAdmin` makes one fetch handler for all of it: `/console` (pages for people),
 * `/metrics` (for Prometheus) and `/readyz` (for probes). The subpath and this folder are named after the pages.
 *
 * @example
 * ```ts
 * import { createReceiver } from "sheethook";
 * import { createAdmin } from "sheethook/console";
 * import { memoryInbox } from "sheethook/inbox/memory";
 *
 * const inbox = memoryInbox();
 * const admin = createAdmin({ inbox });
 * const receiver = createReceiver({ secrets: "3qo29mvjou6xt5fujukjtwzhj0", inbox, observer: admin.observer });
 * const fetch = admin.watch(receiver); // instead of receiver.fetch
 *
 * // On a port of its own: Deno.serve({ hostname: "127.0.0.1", port: 9464 }, admin.fetch)
 * const ready = await admin.fetch(new Request("http://127.0.0.1:9464/readyz"));
 * if (ready.status !== 200) throw new Error(`Not ready: ${await ready.text()}`);
 * ```
 *
 * @module
 */
import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { Counts } from "../counts.ts";
import type { Observer } from "../dispatch/observer.ts";
import type { SilentSheet } from "../mirror/triggers/canary.ts";
import { messageOf, requireKnownOptions } from "../errors.ts";
import { consoleLogger, createQuietLogger } from "../logger.ts";
import { parseAddress } from "./access/address.ts";
import type { AdminOptions } from "./options.ts";
import { createGetPath, withBase } from "./access/base_path.ts";
import { addPages } from "./pages/pages.ts";
import { CONSOLE_CSS } from "./pages/css.ts";
import { CONSOLE_JS } from "./pages/js.ts";
import { isForeignFetch } from "./access/host_check.ts";
import { markup } from "./pages/markup.ts";
import { addInboxGauges, addWebhookGauge } from "./metrics/inbox_gauges.ts";
import { ICON, messagePage } from "./pages/layout.ts";
import { createLive } from "./pages/live.ts";
import { createMetrics } from "./metrics/metrics.ts";
import { createReadiness } from "./metrics/readiness.ts";
import { createRefusals } from "./metrics/refusals.ts";
import { throttled } from "./throttled.ts";
import { SECURITY_HEADERS } from "./access/security_headers.ts";
import { bearerOf, createSignIn } from "./access/sign_in.ts";
import { createWebhookPoll } from "./webhook_poll.ts";

export type { AcceptedCallback } from "../callback/callback.ts";
export type { AnyEvent, EventAttributes, ObjectIds, WebhookEvent } from "../callback/event.ts";
export type { Counts } from "../counts.ts";
export type { EventResult, Observer } from "../dispatch/observer.ts";
export type { ReconcileReason } from "../callback/reconcile.ts";
export type { EndedReconcile, ReconcileResult } from "../mirror/reconcile/observe_reconcile.ts";
export type { SilentSheet } from "../mirror/triggers/canary.ts";
export type { KnownEventType, KnownObjectType } from "../smartsheet/event_types.ts";
export type * from "../inbox/inbox.ts";
export type * from "../inbox/mirror.ts";
export type * from "../inbox/inspect.ts";
export type { Logger } from "../logger.ts";
export type { AdminOptions, WebhookState } from "./options.ts";

/** The admin port, as {@linkcode createAdmin} returns it. Its functions need no `this`. */
export interface Admin {
  /** Answers requests to the admin port: `/console`, `/metrics`, `/readyz`. Never rejects. */
  readonly fetch: (request: Request) => Promise<Response>;
  /** For `createReceiver`: counts events and measures handlers. */
  readonly observer: Observer;
  /** Wraps the receiver's `fetch`, to count and measure its answers. Serve the result. */
  watch(receiver: {
    readonly fetch: Admin["fetch"];
    readonly counts: Readonly<Counts>;
    /** For the page of sheets, and metrics. */
    readonly silentSheets?: (() => readonly SilentSheet[]) | undefined;
  }): Admin["fetch"];
  /** For the receiver's server adapter: counts requests that never reach `fetch`, such as those for a wrong path. */
  readonly onRefused: (status: number) => void;
  /** Ends the event streams of open pages, which would keep a server from closing. */
  close(): void;
}

const FORM_LIMIT = bodyLimit({ maxSize: 16 * 1024, onError: (context) => context.text("Too long\n", 413) });

/**
 * Makes the admin port: the console, metrics for Prometheus, readiness. Only this machine can use it, or people and
 * programs with the token. A request with an unknown `Host` gets 421, a change from another origin 403.
 *
 * @throws {SheethookError} `option_invalid` for a token that is too short, a name with a port, an invalid `url`, an unknown option
 */
export function createAdmin(options: AdminOptions): Admin {
  requireKnownOptions("createAdmin", options, OPTIONS);
  const { inbox, token, now = Date.now, refusing = () => undefined } = options;
  const logger = createQuietLogger(options.logger ?? consoleLogger);
  const { isOurHost, isOurOrigin, isLocal, base } = parseAddress(options);
  const signIn = createSignIn({ token, isLocal, base, now });
  const overview = throttled(() => inbox.overview());
  const webhooks = options.webhooks && createWebhookPoll(options.webhooks, logger);
  const refusals = createRefusals(now);
  const { registry, observer, watch, onRefused, silentSheets } = createMetrics(refusals.note);
  addInboxGauges(registry, overview, now);
  if (webhooks) addWebhookGauge(registry, webhooks);
  const readiness = createReadiness({ inbox, refusing, logger });
  const live = createLive(async () => [await overview(), refusals.recent()], inbox);

  // A machine may call an address that can't be configured (a pod's). No page can make a browser send the token.
  async function isExpected({ req: { path, raw } }: Context): Promise<boolean> {
    return isOurHost(raw) || ((path === "/metrics" || path === "/readyz") && await signIn.isBearer(raw) === true);
  }

  const app = new Hono({ getPath: createGetPath(base) });
  app.use(async (context, next) => {
    if (!await isExpected(context)) {
      context.res = context.text("Misdirected request: Host isn't a name of this server (--admin-host)\n", 421);
    } else if (isForeignFetch(context.req.raw)) {
      context.res = context.text("Refused: requested by a page of another origin\n", 403);
    } else await next();
    if (base) {
      const moved = await withBase(context.res, base);
      context.res = undefined; // Otherwise its headers would be merged into the new one's.
      context.res = moved;
    }
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) context.header(name, value);
  });
  app.get("/readyz", () => readiness());
  app.get(
    "/metrics",
    async (context) => context.text(await registry.metrics(), 200, { "content-type": registry.contentType }),
  );
  app.get("/", (context) => context.redirect("/console"));

  app.get(
    "/console/console.css",
    (context) => context.body(CONSOLE_CSS, 200, { "content-type": "text/css; charset=utf-8" }),
  );
  app.get(
    "/console/console.js",
    (context) => context.body(CONSOLE_JS, 200, { "content-type": "text/javascript; charset=utf-8" }),
  );
  app.get("/console/icon.svg", (context) => context.body(ICON, 200, { "content-type": "image/svg+xml" }));
  app.use("/console/*", FORM_LIMIT, async (context, next) => {
    const { method, raw } = context.req;
    // A browser never sends a bearer token by itself.
    const isMachine = token !== undefined && bearerOf(raw) !== undefined && !raw.headers.has("origin");
    if (method === "GET" || method === "HEAD" || isMachine || isOurOrigin(raw)) return next();
    return context.text(
      "Refused: the request comes from another origin, or names none. Behind a proxy, set --admin-url to its URL.\n",
      403,
    );
  });
  signIn.guard(app);
  addPages(app, {
    inbox,
    mirror: inbox.mirror,
    overview,
    webhooks,
    refusing,
    refused: refusals.recent,
    silentSheets,
    identity: {
      changeAgent: options.changeAgent ?? "sheethook",
      deliversOwnChanges: options.ownChanges === "deliver",
    },
    live,
    logger,
    now,
    canSignOut: token !== undefined,
    callbackUrl: options.callbackUrl ?? (() => undefined),
  });
  app.notFound((context) =>
    context.html(messagePage("Not found", markup`<p><a href="/console">Go to the overview</a></p>`).toString(), 404)
  );
  app.onError((error, context) => {
    logger.error("The console can't answer {method} {path}: {error}", {
      method: context.req.method,
      path: context.req.path,
      error: messageOf(error),
    });
    const text =
      markup`<p>The inbox can't be read or written at the moment; the log says why. Callbacks that can't be stored are answered with 503, and Smartsheet retries them.</p>
<p><a href="/console">Try again</a></p>`;
    return context.html(messagePage("Something went wrong", text).toString(), 503);
  });

  return { fetch: async (request) => app.fetch(request), observer, watch, onRefused, close: live.close };
}

const OPTIONS: Readonly<Record<keyof AdminOptions, true>> = {
  inbox: true,
  hostname: true,
  url: true,
  token: true,
  changeAgent: true,
  ownChanges: true,
  webhooks: true,
  refusing: true,
  callbackUrl: true,
  logger: true,
  now: true,
};
