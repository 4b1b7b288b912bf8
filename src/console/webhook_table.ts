import type { WebhookState } from "./admin_options.ts";
import { type Html, html, type Part } from "./html.ts";
import { badge } from "./state_badge.ts";
import { timeTag } from "./time_tag.ts";

/** The webhooks and whether Smartsheet calls them; or how to make them known. */
export function webhookTable(webhooks: readonly WebhookState[] | Error | undefined, now: number): Html {
  return html`<section class="card" aria-labelledby="webhooks-title">
<div class="card-head"><h2 id="webhooks-title">Webhooks</h2></div>
${content(webhooks, now)}
</section>`;
}

function content(webhooks: readonly WebhookState[] | Error | undefined, now: number): Part {
  if (webhooks === undefined) {
    return html`
      <p
        class="empty">Smartsheet tells nobody when it disables a webhook. Start with <code>SMARTSHEET_ACCESS_TOKEN</code> set, and their state is shown here.</p>
    `;
  }
  if (webhooks instanceof Error) {
    return html`<p class="empty">Smartsheet couldn't be asked for them just now; the log says why.</p>`;
  }
  if (!webhooks.length) return html`<p class="empty">The token's owner has no webhook that calls this receiver.</p>`;
  return html`
    <table class="rows" role="table">
      <thead role="rowgroup">
        <tr role="row">${["Webhook", "State", "Since", "What to do"].map((name) =>
          html`<th role="columnheader" scope="col">${name}</th>`
        )}</tr>
      </thead>
      <tbody role="rowgroup">${webhooks.map((webhook) => row(webhook, now))}</tbody>
    </table>
  `;
}

function row({ id, name, status, enabled, since, whatToDo }: WebhookState, now: number): Html {
  return html`
    <tr role="row">
      <td role="cell"
        data-name="Webhook">${name && html`
          ${name}
        `}<a class="id" href="/console/callbacks?webhook=${id}">${id}</a></td>
      <td role="cell" data-name="State">${badge(
        enabled ? { tone: "good", sign: "✓", text: status } : { tone: "bad", sign: "✕", text: status },
      )}</td>
      <td role="cell" data-name="Since">${timeTag(since, now)}</td>
      <td role="cell" data-name="What to do" class="why">${whatToDo ?? "–"}</td>
    </tr>
  `;
}
