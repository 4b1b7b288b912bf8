import type { Context, Hono } from "hono";
import type { InspectableInbox } from "../../inbox/inspect.ts";
import type { Logger } from "../../logger.ts";
import { ID_PATTERN } from "../../smartsheet/ids.ts";
import { type CallbackQuery, parseCallbackQuery } from "./query.ts";
import { type Action, confirmManyPage, confirmPage } from "./confirm.ts";
import type { Markup, Part } from "./markup.ts";
import { noticePath } from "./notice.ts";

/** At most this many at once: it is one transaction. */
const AT_ONCE = 500;
const PAST = { replay: "replayed", discard: "discarded" } as const;
const ONE = `/console/callbacks/:id{${ID_PATTERN}}/:action{replay|discard}`;
const MANY = "/console/:action{replay|discard}";

/** Adds replay and discard: a page that asks for confirmation, and the form's target. */
export function addActions(app: Hono, options: {
  readonly inbox: InspectableInbox;
  readonly logger: Logger;
  readonly now: () => number;
  readonly page: (title: string, main: Part) => Markup;
  readonly missing: (context: Context) => Response | Promise<Response>;
  /** Called after a change. */
  readonly onChange: () => void;
}): void {
  const { inbox, logger, now, page, missing, onChange } = options;

  app.get(ONE, async (context) => {
    const { id, action } = context.req.param() as { id: string; action: Action };
    const row = await inbox.show(Number(id));
    if (!row) return missing(context);
    return context.html(page(action === "replay" ? "Replay" : "Discard", confirmPage(action, row, now())).toString());
  });

  app.post(ONE, async (context) => {
    const { id, action } = context.req.param() as { id: string; action: Action };
    const [acted] = await inbox[action]([Number(id)]);
    onChange();
    const outcome = acted?.outcome ?? "unknown";
    if (outcome === "unknown") return missing(context);
    if (outcome === "changed") logger.info(`Callback {id} was ${PAST[action]} in the console`, { id: Number(id) });
    const path = `/console/callbacks/${id}`;
    return context.redirect(
      noticePath(path, new URLSearchParams(), outcome === "changed" ? PAST[action] : outcome),
      303,
    );
  });

  app.get(MANY, async (context) => {
    const action = context.req.param("action") as Action;
    const query = parseCallbackQuery(new URL(context.req.url).searchParams);
    if (!isOneState(query)) return context.redirect("/console/callbacks", 303);
    const { length } = await inbox.find(query.filter);
    const main = confirmManyPage(action, length, AT_ONCE, query.params);
    return context.html(page(action === "replay" ? "Replay" : "Discard", main).toString());
  });

  app.post(MANY, async (context) => {
    const action = context.req.param("action") as Action;
    const query = parseCallbackQuery(new URLSearchParams(await context.req.text()));
    if (!isOneState(query)) return context.redirect("/console/callbacks", 303);
    // In the order of acceptance, in which they will also run.
    const ids = (await inbox.find(query.filter)).toReversed().slice(0, AT_ONCE);
    const acted = ids.length ? await inbox[action](ids) : [];
    onChange();
    const count = acted.filter(({ outcome }) => outcome === "changed").length;
    logger.info(`{count} callbacks were ${PAST[action]} in the console`, { count });
    return context.redirect(noticePath("/console/callbacks", query.params, PAST[action], count), 303);
  });
}

/** True for a valid filter by exactly one state: only then may all its callbacks be changed. */
function isOneState({ filter, errors }: CallbackQuery): boolean {
  return filter.states?.length === 1 && Object.keys(errors).length === 0;
}
