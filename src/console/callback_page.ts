import type { Position } from "../inbox/inbox.ts";
import type { StoredCallback } from "../inbox/inspect.ts";
import { attemptsTable } from "./attempts_table.ts";
import { contentOf } from "./callback_content.ts";
import { changeAgentPaths } from "./change_agent_path.ts";
import { eventsTable } from "./events_table.ts";
import { counted, type Html, html, type Part } from "./html.ts";
import { livePart } from "./layout.ts";
import { payloadSection } from "./payload_section.ts";
import { stateBadge } from "./state_badge.ts";
import { timeTag } from "./time_tag.ts";
import { plainText, withoutEmails } from "./without_emails.ts";

/** How own changes are told and treated. */
export interface Identity {
  readonly changeAgent: string;
  readonly deliversOwnChanges: boolean;
}

/** One callback whole; its payload only to who has asked for it. */
export function callbackPage(
  row: StoredCallback,
  identity: Identity,
  showsPayload: boolean,
  notice: string | undefined,
  now: number,
): Part {
  const content = contentOf(row.body);
  const { events } = content;
  return html`${notice !== undefined && html`<p class="notice" role="status">${notice}</p>`}
${
    livePart(
      "state",
      html`<div class="title"><h1>Callback #${row.id} ${stateBadge(row)}</h1>${acts(row)}</div>${
        row.state !== "done" && row.error !== undefined && trouble(row, now)
      }`,
    )
  }
<div class="split">
${livePart("facts", facts(row, content.scope, now))}
${livePart("attempts", attemptsTable(row, now))}
</div>
${
    events.length > 0 &&
    section("chain", "Who made the change", changeAgentPaths(events, identity.changeAgent, identity.deliversOwnChanges))
  }
${events.length > 0 && section("events", counted(events.length, "event"), eventsTable(events, identity))}
${
    content.status !== undefined &&
    section("events", "Status callback", html`<p>The webhook is now <code>${plainText(content.status)}</code>.</p>`)
  }
${payloadSection(row, showsPayload)}`;
}

function section(id: string, title: string, content: Part): Html {
  return html`
    <section class="card"
      aria-labelledby="${id}-title"><div class="card-head"><h2 id="${id}-title">${title}</h2></div>${content}</section>
  `;
}

function acts({ id, state, isRunning }: StoredCallback): Html {
  const link = (act: string, text: string, tone: string) =>
    html`<a class="button ${tone}" href="/console/callbacks/${id}/${act}">${text}</a>`;
  return html`<p class="acts">${state !== "pending" && link("replay", "Replay…", state === "dead" ? "primary" : "")}
${(state === "dead" || (state === "pending" && !isRunning)) && link("discard", "Discard…", "")}</p>`;
}

function trouble({ state, error, attempts, retryAt }: StoredCallback, now: number): Html {
  const what = state === "dead"
    ? html`Given up after ${
      counted(attempts, "attempt")
    }. Mend the cause, then replay it: it goes on at the call that failed.`
    : state === "discarded"
    ? html`It was discarded: nothing more happens with it.`
    : retryAt === undefined
    ? html`The last attempt failed. It is tried again when its turn comes.`
    : html`The last attempt failed. The next one is ${timeTag(retryAt, now)}; until then its sheet waits.`;
  return html`
    <div class="trouble ${state === "dead" ? "bad" : state === "pending" ? "warn" : "off"}">
      <p>${what}</p>
      <pre class="error-text">${withoutEmails(error!)}</pre>
    </div>
  `;
}

function facts(row: StoredCallback, scope: string | undefined, now: number): Html {
  const { acceptedAt, timestamp, scopeObjectId, webhookId, nonce, attempts, position, steps, endedAt, retryAt } = row;
  const fact = (name: string, value: Part) =>
    html`
      <div>
        <dt>${name}</dt>
        <dd>${value}</dd>
      </div>
    `;
  const name = scope === undefined ? "Sheet" : plainText(scope.charAt(0).toUpperCase() + scope.slice(1, 40));
  return html`
    <section class="card" aria-labelledby="facts-title">
      <div class="card-head">
        <h2 id="facts-title">Facts</h2>
      </div>
      <dl class="facts">
    ${fact("Came in", timeTag(acceptedAt, now))}
    ${fact("Smartsheet's time", html`<span class="id">${timestamp}</span>`)}
    ${fact(name, html`<a class="id" href="/console/callbacks?sheet=${scopeObjectId}">${scopeObjectId}</a>`)}
    ${fact("Webhook", html`<a class="id" href="/console/callbacks?webhook=${webhookId}">${webhookId}</a>`)}
    ${fact("Nonce", html`<span class="id">${plainText(nonce)}</span>`)}
    ${fact("Attempts", attempts)}
    ${endedAt !== undefined && fact("Ended", timeTag(endedAt, now))}
    ${retryAt !== undefined && fact("Next try", timeTag(retryAt, now))}
    ${position !== undefined && fact("Goes on at", placeText(position, row))}
    ${steps.length > 0 &&
      fact("Steps that ended", html`<ul class="steps">${steps.map((key) => html`<li>${stepText(key)}</li>`)}</ul>`)}
      </dl>
    </section>
  `;
}

function placeText({ event, handler }: Position, { body }: StoredCallback): string {
  const count = contentOf(body).events.length;
  const call = event < count ? `event ${event + 1} of ${count}` : event === count ? "onCallback" : "onStatus";
  return `${call}, handler ${handler + 1}`;
}

/** A key is fingerprint/event/handler/name. */
function stepText(key: string): Html {
  const [, event, handler, ...name] = key.split("/");
  return html`<code>${plainText(name.join("/"))}</code> <span class="faint">event ${Number(event) + 1}, handler ${
    Number(handler) + 1
  }</span>`;
}
