import { capital } from "../../../text.ts";
import type { WebhookState } from "../../options.ts";
import type { KnownSheets } from "../sheets/known_sheets.ts";
import { sheetLink } from "../sheets/sheet_link.ts";
import { webhookLink } from "./callback_table.ts";
import { card } from "./card.ts";
import { type Markup, markup, type Part } from "../markup.ts";
import { rowsTable } from "./rows_table.ts";
import { badge } from "./state_badge.ts";
import { timeTag } from "./time_tag.ts";

type Webhooks = readonly WebhookState[] | Error | undefined;

/** The webhooks and their state at Smartsheet, or how to show them. */
export function webhookTable(webhooks: Webhooks, sheets: KnownSheets, now: number): Markup {
  return card("webhooks", "Webhooks", content(webhooks, sheets, now));
}

function content(webhooks: Webhooks, sheets: KnownSheets, now: number): Part {
  if (webhooks === undefined) {
    return markup`<p class="empty">Smartsheet doesn't say when it disables a webhook. Start with
<code>SMARTSHEET_ACCESS_TOKEN</code> set to see their state here.</p>`;
  }
  if (webhooks instanceof Error) {
    return markup`<p class="empty">Smartsheet can't be reached at the moment; the log says why.</p>`;
  }
  if (!webhooks.length) return markup`<p class="empty">The token's owner has no webhook that calls this receiver.</p>`;
  return rowsTable(
    [["Webhook", "what"], ["Sheet", "what"], ["State", "head"], ["Since"], ["What to do", "why"]],
    webhooks.map(({ id, name, sheetId, status, enabled, since, whatToDo }) => [
      markup`${name && markup`${name} `}${webhookLink(id)}`,
      sheetId === undefined ? "–" : sheetLink(sheetId, sheets),
      badge({ ...signOf({ enabled, status }), text: status }),
      timeTag(since, now),
      whatToDo === undefined ? "–" : withCode(capital(whatToDo)),
    ]),
  );
}

/** True for a webhook that is disabled, but not by its owner. */
export function isDisabled({ enabled, status }: Pick<WebhookState, "enabled" | "status">): boolean {
  return !enabled && status !== "DISABLED_BY_OWNER";
}

function signOf(webhook: Pick<WebhookState, "enabled" | "status">) {
  if (webhook.enabled) return { tone: "good", sign: "✓" };
  return isDisabled(webhook) ? { tone: "bad", sign: "✕" } : { tone: "off", sign: "–" };
}

/** Renders text between backticks as code. */
function withCode(text: string): Part {
  return text.split("`").map((part, index) => index % 2 ? markup`<code>${part}</code>` : part);
}
