import type { Context, Hono } from "hono";
import { reconcileCallback } from "../../../callback/reconcile.ts";
import type { Inbox } from "../../../inbox/inbox.ts";
import type { Mirror } from "../../../inbox/mirror.ts";
import type { Logger } from "../../../logger.ts";
import type { SilentSheet } from "../../../mirror/triggers/canary.ts";
import { sha256 } from "../../../receive/signature.ts";
import { ID_PATTERN } from "../../../smartsheet/ids.ts";
import { throttled } from "../../throttled.ts";
import type { Page } from "../layout.ts";
import { noticeOf, noticePath } from "../notice.ts";
import { sheetsPage } from "./sheets_page.ts";

const PATH = "/console/sheets";
/** A second click within that time asks for nothing more. */
const ONCE_MS = 10_000;

/** Adds the page of sheets, and its button. */
export function addSheets(app: Hono, options: {
  readonly inbox: Pick<Inbox, "put">;
  readonly mirror: Pick<Mirror, "sheets" | "sheet"> | undefined;
  readonly silentSheets: () => readonly SilentSheet[];
  readonly send: (context: Context, page: Page) => Response | Promise<Response>;
  readonly logger: Logger;
  readonly now: () => number;
}): void {
  const { inbox, mirror, silentSheets, send, logger, now } = options;
  const sheets = throttled(async () => await mirror?.sheets() ?? []);

  app.get(PATH, async (context) => {
    const notice = noticeOf(new URL(context.req.url).searchParams);
    const main = sheetsPage(await sheets(), { silent: silentSheets(), notice, now: now() });
    return send(context, { title: "Sheets", at: "sheets", live: "/console/live", main });
  });

  app.post(`${PATH}/:id{${ID_PATTERN}}/reconcile`, async (context) => {
    const sheetId = Number(context.req.param("id"));
    if (!await mirror?.sheet(sheetId)) return context.redirect(PATH, 303);
    const key = `manual-console-${Math.floor(now() / ONCE_MS)}`;
    await inbox.put(await reconcileCallback({ sheetId }, { key, now: now(), digestOf: sha256 }));
    logger.info("The comparison of sheet {sheetId} with its mirror was asked for in the console", { sheetId });
    return context.redirect(noticePath(PATH, { word: "asked" }), 303);
  });
}
