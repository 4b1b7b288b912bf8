import type { Context, Hono } from "hono";
import type { Activity, InboxOverview, InspectableInbox } from "../../inbox/inspect.ts";
import type { Inbox } from "../../inbox/inbox.ts";
import type { Mirror } from "../../inbox/mirror.ts";
import { messageOf } from "../../errors.ts";
import type { Logger } from "../../logger.ts";
import { readFound } from "../../mirror/reconcile/read_found.ts";
import { ID_PATTERN, parseId } from "../../smartsheet/ids.ts";
import { addActions } from "./actions.ts";
import { DAY, HOUR, type Span, startOf } from "./parts/activity_plot.ts";
import type { WebhookState } from "../options.ts";
import { MOST_CHANGES } from "./sheets/changes_card.ts";
import { callbackPage } from "./callback.ts";
import type { Identity } from "./parts/change_agent_path.ts";
import { type CallbackQuery, parseCallbackQuery } from "./query.ts";
import { type CallbackList, callbacksPage, PAGE_SIZE } from "./callbacks.ts";
import type { SilentSheet } from "../../mirror/triggers/canary.ts";
import { addSheets } from "./sheets/add_sheets.ts";
import { createKnownSheets } from "./sheets/known_sheets.ts";
import { markup } from "./markup.ts";
import { layout, messagePage, type Page } from "./layout.ts";
import { listCallbacks } from "./listed_callback.ts";
import type { Live } from "./live.ts";
import { noticeOf } from "./notice.ts";
import { overviewPage } from "./overview.ts";
import { parseShown } from "./parts/shown.ts";
import type { RecentRefusals } from "../metrics/refusals.ts";
import { type Throttled, throttled } from "../throttled.ts";

const MAX_LISTS = 20;
const NOTHING: CallbackList = { rows: [], hasMore: false, errors: [] };
const CALLBACK = `/console/callbacks/:id{${ID_PATTERN}}`;

/** Adds the pages, which sign-in protects. */
export function addPages(app: Hono, options: {
  readonly inbox: InspectableInbox & Pick<Inbox, "put">;
  readonly mirror: Pick<Mirror, "sheets" | "sheet" | "changesOf"> | undefined;
  readonly silentSheets: () => readonly SilentSheet[];
  readonly overview: Throttled<InboxOverview>;
  readonly webhooks: (() => Promise<readonly WebhookState[]>) | undefined;
  readonly refusing: () => string | undefined;
  readonly refused: () => RecentRefusals | undefined;
  readonly identity: Identity;
  readonly live: Live;
  readonly logger: Logger;
  readonly now: () => number;
  readonly canSignOut: boolean;
  readonly callbackUrl: () => string | undefined;
}): void {
  const {
    inbox,
    mirror,
    silentSheets,
    overview,
    webhooks,
    refusing,
    refused,
    identity,
    live,
    logger,
    now,
    canSignOut,
    callbackUrl,
  } = options;
  const lastHour = activityOf(HOUR);
  const lastDay = activityOf(DAY);
  const deadErrors = throttled(() => inbox.deadErrors());
  const sheets = createKnownSheets(mirror, logger);
  const lists = new Map<string, Throttled<CallbackList>>();

  function activityOf(span: Span): Throttled<readonly Activity[]> {
    return throttled(() => {
      const since = startOf(span, now());
      return inbox.activity(since, since + span.steps * span.stepMs, span.stepMs);
    });
  }

  function send(context: Context, page: Page): Response | Promise<Response> {
    return context.html(layout({ ...page, canSignOut }).toString());
  }

  function missing(context: Context): Response | Promise<Response> {
    const text =
      markup`<p>There is no such callback. It may have been pruned. <a href="/console/callbacks">All callbacks</a></p>`;
    return context.html(messagePage("Not found", text, { canSignOut, at: "callbacks" }).toString(), 404);
  }

  async function find({ filter, page }: CallbackQuery): Promise<CallbackList> {
    // One more than the page shows, to know whether there is a next page.
    const ids = await inbox.find(filter, page * PAGE_SIZE + 1);
    const rows = await listCallbacks(inbox, ids.slice((page - 1) * PAGE_SIZE, page * PAGE_SIZE));
    const isDead = filter.states?.length === 1 && filter.states[0] === "dead";
    const errors = isDead && page === 1 && filter.error === undefined ? await inbox.deadErrors(filter) : [];
    return { rows, hasMore: ids.length > page * PAGE_SIZE, errors };
  }

  /** Open pages with the same list share one read of the inbox. */
  function listOf(query: CallbackQuery): Promise<CallbackList> {
    const key = `${query.params.toString()} ${query.page}`;
    const list = lists.get(key) ?? throttled(() => find(query));
    // The most recently used list is last.
    lists.delete(key);
    lists.set(key, list);
    if (lists.size > MAX_LISTS) lists.delete(lists.keys().next().value!);
    return list();
  }

  app.get("/console", async (context) => {
    const held = await overview();
    const main = overviewPage({
      overview: held,
      lastHour: await lastHour(),
      lastDay: await lastDay(),
      errors: held.dead ? await deadErrors() : [],
      webhooks: await webhooks?.().catch((error: unknown) => new Error(messageOf(error), { cause: error })),
      refusing: refusing(),
      refused: refused(),
      callbackUrl: callbackUrl(),
      sheets: await sheets(),
      silent: silentSheets().length,
      now: now(),
    });
    return send(context, { title: "Overview", at: "overview", live: "/console/live", main });
  });

  app.get("/console/callbacks", async (context) => {
    const params = new URL(context.req.url).searchParams;
    const query = parseCallbackQuery(params);
    // An invalid filter matches nothing, and isn't cached.
    const list = Object.keys(query.errors).length ? NOTHING : await listOf(query);
    const main = callbacksPage(query, list, {
      ...{ notice: noticeOf(params), callbackUrl: callbackUrl(), now: now() },
      sheets: await sheets(),
      dead: list.errors.length ? (await overview()).dead : 0,
    });
    return send(context, { title: "Callbacks", at: "callbacks", live: "/console/live", main });
  });

  app.get(CALLBACK, async (context) => {
    const row = await inbox.show(Number(context.req.param("id")));
    if (!row) return missing(context);
    const params = new URL(context.req.url).searchParams;
    const main = callbackPage(row, {
      identity,
      sheets: await sheets(),
      changed: mirror && await readFound(mirror, row.id, MOST_CHANGES),
      shown: parseShown(params),
      notice: noticeOf(params),
      now: now(),
    });
    return send(context, {
      title: `Callback #${row.id}`,
      at: "callbacks",
      live: `/console/live?callback=${row.id}`,
      main,
    });
  });

  app.get(`${CALLBACK}/payload.json`, async (context) => {
    const row = await inbox.show(Number(context.req.param("id")));
    if (!row) return missing(context);
    const name = `callback-${row.id}.json`;
    return context.body(row.body, 200, {
      "content-type": "application/json",
      "content-disposition": `attachment; filename="${name}"`,
    });
  });

  app.get("/console/live", (context) => {
    const id = context.req.query("callback") ?? "";
    return live.open(parseId(id));
  });

  addSheets(app, { inbox, mirror, silentSheets, send, logger, now });
  addActions(app, {
    inbox,
    sheets,
    logger,
    now,
    missing,
    page: (title, main) => layout({ title, main, at: "callbacks", canSignOut }),
    onChange: () => [overview, lastHour, lastDay, deadErrors, ...lists.values()].forEach(({ forget }) => forget()),
  });
}
