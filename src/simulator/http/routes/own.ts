import type { Hono } from "hono";
import type { Account } from "../../account/account.ts";
import { invalidAttribute } from "../../api_error.ts";
import type { Edit } from "../../account/edit.ts";
import { makeEdit } from "../../account/make_edit.ts";
import { createSheet, type NewColumn, newSheetView } from "../../account/new_sheet.ts";
import { type Access, ACCESS_LEVELS } from "../../account/sheet.ts";
import type { FaultName } from "../../faults.ts";
import { type ApiEnv, idOf, objectOf, success } from "../request.ts";
import { WEBHOOK_STATUSES, type WebhookStatus, webhookView } from "../../webhook.ts";

/** When a fault should occur. */
interface Occasions {
  readonly times?: unknown;
  readonly after?: unknown;
}

/** `/_simulator`: requests that Smartsheet doesn't have. They need no token. */
export function addOwnRoutes(app: Hono<ApiEnv>, account: Account): void {
  const { webhooks, log, planId, sheets, users, settings } = account;

  app.get("/_simulator", (context) => {
    return context.json({ simulator: "This isn't Smartsheet: it is sheethook's simulator", planId });
  });

  app.get("/_simulator/deliveries", (context) => {
    const { webhookId, kind } = context.req.query();
    return context.json(
      log.list().filter((delivery) =>
        (webhookId === undefined || delivery.webhookId === Number(webhookId)) &&
        (kind === undefined || delivery.kind === kind)
      ),
    );
  });

  app.post("/_simulator/edits", async (context) => {
    return context.json(makeEdit(await objectOf(context) as Edit, account));
  });

  app.post("/_simulator/sheets", async (context) => {
    const { name, columns, rows = [] } = await objectOf(context);
    if (!Array.isArray(rows)) throw invalidAttribute("rows", rows);
    return context.json(newSheetView(createSheet(name, columns as NewColumn[], rows, account)));
  });

  app.post("/_simulator/sheets/:sheetId/access", async (context) => {
    const sheet = sheets.get(idOf(context, "sheetId"));
    const { user, access } = await objectOf(context);
    if (typeof user !== "string" || !user) throw invalidAttribute("user", user);
    if (!ACCESS_LEVELS.includes(access as Access)) throw invalidAttribute("access", access);
    sheets.setAccess(sheet, users.ofEmail(user).id, access as Access);
    return context.json(success());
  });

  app.post("/_simulator/faults", async (context) => {
    for (const [fault, given] of Object.entries(await objectOf(context))) {
      const { times = 1, after = 0 } = typeof given === "object" && given ? given as Occasions : { times: given };
      try {
        settings.failNext(fault as FaultName, times as number, after as number);
      } catch {
        throw invalidAttribute("fault", `${fault}: ${JSON.stringify(given)}`);
      }
    }
    return context.json(success());
  });

  for (const name of ["webhooks", "sheets"] as const) {
    app.post(`/_simulator/${name}/:id/silent`, async (context) => {
      const id = idOf(context, "id");
      // Each path knows only its own ids.
      if (name === "webhooks") webhooks.get(id);
      else sheets.get(id);
      const { silent } = await objectOf(context);
      if (typeof silent !== "boolean") throw invalidAttribute("silent", silent);
      webhooks.setSilent(id, silent);
      return context.json(success());
    });
  }

  app.post("/_simulator/webhooks/:id/status", async (context) => {
    const webhook = webhooks.get(idOf(context, "id"));
    const { status, disabledDetails } = await objectOf(context);
    if (!WEBHOOK_STATUSES.includes(status as WebhookStatus)) throw invalidAttribute("status", status);
    const why = typeof disabledDetails === "string" ? disabledDetails : undefined;
    webhooks.setStatus(webhook, status as WebhookStatus, why);
    return context.json(success({ result: webhookView(webhook) }));
  });
}
