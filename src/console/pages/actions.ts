import { capital } from "../../text.ts";
import type { Context, Hono } from "hono";
import { errorKey } from "../../inbox/error_key.ts";
import type { ActedOn, CallPick, InspectableInbox, StoredCallback, StoredDeadCall } from "../../inbox/inspect.ts";
import type { Logger } from "../../logger.ts";
import { ID_PATTERN } from "../../smartsheet/ids.ts";
import { type CallbackQuery, parseCallbackQuery } from "./query.ts";
import { type Action, confirmManyPage, confirmPage } from "./confirm.ts";
import { confirmCallsPage } from "./confirm_calls.ts";
import type { KnownSheets } from "./sheets/known_sheets.ts";
import type { Markup, Part } from "./markup.ts";
import { type Notice, noticePath } from "./notice.ts";
import { actsOn } from "./parts/dead_calls_card.ts";
import { parsePick } from "./pick.ts";

/** At most this many at once: it is one transaction. */
const AT_ONCE = 500;
const PAST = { replay: "replayed", skip: "skipped", discard: "discarded" } as const;
const ONE = `/console/callbacks/:id{${ID_PATTERN}}/:action{replay|skip|discard}`;
const MANY = "/console/:action{replay|skip|discard}";

/** Adds replay, skip and discard: a page that asks for confirmation, and the form's target. */
export function addActions(app: Hono, options: {
  readonly inbox: InspectableInbox;
  readonly sheets: () => Promise<KnownSheets>;
  readonly logger: Logger;
  readonly now: () => number;
  readonly page: (title: string, main: Part) => Markup;
  readonly missing: (context: Context) => Response | Promise<Response>;
  /** Called after a change. */
  readonly onChange: () => void;
}): void {
  const { inbox, sheets, logger, now, page, missing, onChange } = options;

  function act(action: Action, ids: readonly number[], pick: CallPick | undefined): Promise<readonly ActedOn[]> {
    return action === "discard" ? inbox.discard(ids) : inbox[action](ids, pick);
  }

  app.get(ONE, async (context) => {
    const { id, action } = context.req.param() as { id: string; action: Action };
    const row = await inbox.show(Number(id));
    if (!row) return missing(context);
    const { pick, isEmpty, params } = parsePick(new URL(context.req.url).searchParams);
    const back = (notice: string) => context.redirect(noticePath(`/console/callbacks/${id}`, { word: notice }), 303);
    if (isEmpty) return back("unpicked");
    // Without dead calls, a replay is one of the whole callback.
    const isOfCalls = action === "skip" || (action === "replay" && (pick !== undefined || actsOn(row, "replay")));
    if (!isOfCalls) {
      return context.html(page(capital(action), confirmPage(action, row, await sheets(), now())).toString());
    }
    const calls = actsOn(row, action) ? pickedOf(row, action, pick) : [];
    if (!calls.length) return back(row.isRunning ? "running" : "unchanged");
    const main = confirmCallsPage(action, row, { calls, params, sheets: await sheets(), now: now() });
    return context.html(page(capital(action), main).toString());
  });

  app.post(ONE, async (context) => {
    const { id, action } = context.req.param() as { id: string; action: Action };
    const { pick, isEmpty } = parsePick(new URLSearchParams(await context.req.text()));
    const path = `/console/callbacks/${id}`;
    if (isEmpty) return context.redirect(noticePath(path, { word: "unpicked" }), 303);
    const [acted] = await act(action, [Number(id)], pick);
    onChange();
    const { outcome = "unknown", calls = 0 } = acted ?? {};
    if (outcome === "unknown") return missing(context);
    if (outcome !== "changed") return context.redirect(noticePath(path, { word: outcome }), 303);
    if (calls) {
      logger.info(`{calls} dead call${calls === 1 ? " was" : "s were"} ${PAST[action]} in the console: callback {id}`, {
        calls,
        id: Number(id),
      });
    } else logger.info(`Callback {id} was ${PAST[action]} in the console`, { id: Number(id) });
    return context.redirect(noticePath(path, { word: PAST[action], calls }), 303);
  });

  app.get(MANY, async (context) => {
    const action = context.req.param("action") as Action;
    const query = parseCallbackQuery(new URL(context.req.url).searchParams);
    if (!canChangeAll(action, query)) return context.redirect("/console/callbacks", 303);
    const { filter, params } = query;
    const { length } = await inbox.find(filter);
    const errors = action === "discard" || !length ? [] : await inbox.deadErrors(filter);
    const calls = errors.filter(({ error }) => error === (filter.error ?? error))
      .reduce((sum, { calls }) => sum + calls, 0);
    if (action === "skip" && !calls) {
      return context.redirect(noticePath("/console/callbacks", { word: "none" }, params), 303);
    }
    const many = { callbacks: length, calls, limit: AT_ONCE, error: filter.error, params };
    return context.html(page(capital(action), confirmManyPage(action, many)).toString());
  });

  app.post(MANY, async (context) => {
    const action = context.req.param("action") as Action;
    const query = parseCallbackQuery(new URLSearchParams(await context.req.text()));
    if (!canChangeAll(action, query)) return context.redirect("/console/callbacks", 303);
    const { filter, params } = query;
    // In the order of acceptance, in which they will also run.
    const found = (await inbox.find(filter)).toReversed();
    const acted = found.length ? await changeAll(action, found.slice(0, AT_ONCE), filter.error) : [];
    onChange();
    const changed = acted.filter(({ outcome }) => outcome === "changed");
    const count = changed.length;
    const calls = changed.reduce((sum, { calls }) => sum + calls, 0);
    logger.info(
      `{count} callbacks were ${PAST[action]} in the console${calls ? ": {calls} dead calls" : ""}`,
      calls ? { count, calls } : { count },
    );
    const notice: Notice = { word: PAST[action], count, calls, left: Math.max(found.length - AT_ONCE, 0) };
    return context.redirect(noticePath("/console/callbacks", notice, params), 303);
  });

  /** With an error, only calls that died of it; dead letters that have no dead call are replayed whole. */
  async function changeAll(
    action: Action,
    ids: readonly number[],
    error: string | undefined,
  ): Promise<readonly ActedOn[]> {
    const acted = await act(action, ids, error === undefined ? undefined : { error });
    if (action !== "replay" || error === undefined) return acted;
    const whole: number[] = [];
    for (const { id, outcome, state } of acted) {
      if (outcome !== "unchanged" || state !== "dead") continue;
      const row = await inbox.show(id);
      if (row && !actsOn(row, "replay")) whole.push(id);
    }
    return whole.length ? [...acted, ...await inbox.replay(whole)] : acted;
  }
}

/** True for a valid filter by exactly one state: only then may all its callbacks be changed. Dead letters alone have dead calls. */
function canChangeAll(action: Action, { filter: { states, error }, errors }: CallbackQuery): boolean {
  if (states?.length !== 1 || Object.keys(errors).length) return false;
  return states[0] === "dead" || (action !== "skip" && error === undefined);
}

/** The dead calls that an action would change. */
function pickedOf({ deadCalls }: StoredCallback, action: Action, pick: CallPick = {}): readonly StoredDeadCall[] {
  return deadCalls.filter(({ number, state, error }) =>
    (state === "dead" || (state === "owed" && action === "skip")) &&
    (!pick.calls || pick.calls.includes(number)) && (pick.error === undefined || pick.error === errorKey(error))
  );
}
