import { traceIdOf } from "../../../callback/trace_id.ts";
import type { StoredCallback } from "../../../inbox/inspect.ts";
import { type CallbackContent, sheetIdOf } from "../../../callback/content.ts";
import { printable } from "../../../text.ts";
import { positionText } from "../../../dispatch/call_text.ts";
import type { KnownSheets } from "../sheets/known_sheets.ts";
import { webhookLink } from "./callback_table.ts";
import { card } from "./card.ts";
import { type Markup, markup, type Part } from "../markup.ts";
import { sheetLink, sheetName } from "../sheets/sheet_link.ts";
import { exactTag } from "./time_tag.ts";

/** What is known of a callback, besides its calls and attempts. */
export function factsCard(
  row: StoredCallback,
  { content: { scope, events = [], relayedTo, reconcile }, sheets, now }: {
    readonly content: CallbackContent;
    readonly sheets: KnownSheets;
    readonly now: number;
  },
): Markup {
  const sheet = sheetIdOf(row);
  const { acceptedAt, timestamp, webhookId, nonce, attempts, steps, endedAt, retryAt } = row;
  const position = nextPosition(row);
  const traceId = traceIdOf(row);
  const fact = (name: string, value: Part) => markup`<div><dt>${name}</dt><dd>${value}</dd></div>`;
  const name = scope === undefined ? "Sheet" : printable(scope.charAt(0).toUpperCase() + scope.slice(1, 40));
  return card(
    "facts",
    "Details",
    markup`<dl class="facts">
${fact(reconcile ? "Stored" : "Received", exactTag(acceptedAt, now))}
${!reconcile && fact("Smartsheet's time", markup`<span class="id">${timestamp}</span>`)}
${
      fact(
        name,
        markup`${sheetLink(sheet, sheets)}${
          sheetName(sheet, sheets) && markup` <span class="id faint">${sheet}</span>`
        }`,
      )
    }
${relayedTo !== undefined && fact("Forwarded to", printable(relayedTo))}
${reconcile ? fact("Webhook", "None: sheethook asks for a comparison") : fact("Webhook", webhookLink(webhookId))}
${fact("Nonce", markup`<span class="id">${printable(nonce)}</span>`)}
${traceId !== undefined && fact("Trace", markup`<span class="id">${traceId}</span>`)}
${fact("Attempts at its last call", attempts)}
${endedAt !== undefined && fact("Ended", exactTag(endedAt, now))}
${retryAt !== undefined && fact("Next attempt", exactTag(retryAt, now))}
${position !== undefined && fact("Continues at", positionText(position, events))}
    ${
      steps.length > 0 &&
      fact("Completed steps", markup`<ul class="steps">${steps.map((key) => markup`<li>${stepText(key)}</li>`)}</ul>`)
    }
</dl>`,
  );
}

/** Where it goes on; not for owed and dead calls, which are listed. */
function nextPosition({ state, position, deadCalls }: StoredCallback): StoredCallback["position"] {
  if (state !== "pending" && state !== "dead") return undefined;
  return deadCalls.some((call) => call.state === (state === "dead" ? "dead" : "owed")) ? undefined : position;
}

/** Shows a step's key, JSON `[event, handler, name]`: the event's index from 0, `all` or `status`; the handler's pattern and name. */
function stepText(key: string): Markup {
  const [event, handler, name] = partsOf(key);
  if (name === undefined) return markup`<code>${printable(key)}</code>`;
  const call = typeof event === "number" ? `event ${event + 1}, handler ${String(handler)}` : String(handler);
  return markup`<code>${printable(String(name))}</code> <span class="faint">${
    printable(call.replace(/ ?#1$/, ""))
  }</span>`;
}

function partsOf(key: string): readonly unknown[] {
  try {
    const parts: unknown = JSON.parse(key);
    return Array.isArray(parts) ? parts : [];
  } catch {
    return [];
  }
}
