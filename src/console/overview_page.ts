import type { Activity, HeldLane, InboxOverview, StoredCallback } from "../inbox/inspect.ts";
import { activityPlot, DAY, HOUR, startOf } from "./activity_plot.ts";
import type { WebhookState } from "./admin_options.ts";
import { callbackTable } from "./callback_table.ts";
import { counted, type Html, html, type Part } from "./html.ts";
import { livePart } from "./layout.ts";
import { durationText, timeTag } from "./time_tag.ts";
import { verdictOf } from "./verdict.ts";
import { webhookTable } from "./webhook_table.ts";
import { firstLine } from "./without_emails.ts";

/** What the first page tells. */
export interface Overview {
  readonly overview: InboxOverview;
  readonly lastHour: readonly Activity[];
  readonly lastDay: readonly Activity[];
  /** The newest few. */
  readonly dead: readonly StoredCallback[];
  /** Undefined: no token is set; an error: they couldn't be asked for. */
  readonly webhooks: readonly WebhookState[] | Error | undefined;
  readonly refusing: string | undefined;
  readonly now: number;
}

/** Is everything that came in worked, and if not, what is to be done? */
export function overviewPage(all: Overview): Part {
  const { overview, lastHour, lastDay, dead, webhooks, now } = all;
  const { level, text, next } = verdictOf(all);
  return html`<h1 class="sr">Overview</h1>
${
    livePart(
      "verdict",
      html`<div class="verdict ${level}" role="status"><p class="verdict-text">${text}</p>${
        next && html`<p>${next}</p>`
      }</div>`,
    )
  }
${livePart("tiles", tiles(overview, now))}
${
    livePart(
      "activity",
      html`<div class="pair">${activityPlot(HOUR, lastHour, startOf(HOUR, now))}${
        activityPlot(DAY, lastDay, startOf(DAY, now))
      }</div>`,
    )
  }
${livePart("held", overview.heldLanes > 0 && heldLanes(overview, now))}
${livePart("dead", overview.dead > 0 && deadLetters(overview.dead, dead, now))}
${livePart("webhooks", webhookTable(webhooks, now))}`;
}

function tiles({ pending, lanes, oldestPendingAt, heldLanes, dead, totals }: InboxOverview, now: number): Html {
  const waits = oldestPendingAt === undefined ? undefined : now - oldestPendingAt;
  return html`<ul class="tiles">
${
    tile(
      "Pending",
      pending,
      pending ? `in ${counted(lanes, "sheet")}` : "nothing is owed",
      "/console/callbacks?state=pending",
    )
  }
${
    tile(
      "Oldest pending",
      waits === undefined ? "–" : durationText(waits),
      waits === undefined ? "nothing waits" : "has waited since it came in",
      "/console/callbacks?state=pending",
    )
  }
${tile("Sheets held up", heldLanes, heldLanes ? "by a callback that failed" : "none", "#held", heldLanes ? "warn" : "")}
${
    tile(
      "Dead letters",
      dead,
      dead ? "wait for your decision" : "none",
      "/console/callbacks?state=dead",
      dead ? "bad" : "",
    )
  }
${tile("Worked", totals.done, "since the inbox was made", "/console/callbacks?state=done")}
</ul>`;
}

function tile(name: string, value: number | string, note: string, path: string, tone = ""): Html {
  const shown = typeof value === "number" ? value.toLocaleString("en-US") : value;
  return html`
    <li
      class="tile ${tone}"><a href="${path}"><span class="tile-name">${name}</span><span class="tile-value">${shown}</span><span class="tile-note">${note}</span></a></li>
  `;
}

function heldLanes({ longestHeld, heldLanes }: InboxOverview, now: number): Html {
  return html`<section class="card" aria-labelledby="held-title">
<div class="card-head"><h2 id="held-title">Sheets that are held up</h2>
<p class="faint">The callback failed and is tried again by itself; what came behind it waits. Discard it if it can never succeed.</p></div>
<table class="rows" role="table"><thead role="rowgroup"><tr role="row">${
    ["Sheet", "Callback", "Tries", "Since", "Next try", "Why"].map((name) =>
      html`<th role="columnheader" scope="col">${name}</th>`
    )
  }</tr></thead><tbody role="rowgroup">${longestHeld.map((lane) => heldRow(lane, now))}</tbody></table>
${
    heldLanes > longestHeld.length &&
    html`<p class="faint">And ${counted(heldLanes - longestHeld.length, "more sheet")}.</p>`
  }
</section>`;
}

function heldRow({ lane, callback, attempts, since, retryAt, error }: HeldLane, now: number): Html {
  return html`
    <tr role="row">
      <td role="cell" data-name="Sheet"><a class="id" href="/console/callbacks?sheet=${lane}">${lane}</a></td>
      <td role="cell" data-name="Callback"><a href="/console/callbacks/${callback}">#${callback}</a></td>
      <td role="cell" data-name="Tries" class="num">${attempts}</td>
      <td role="cell" data-name="Since">${timeTag(since, now)}</td>
      <td role="cell" data-name="Next try">${timeTag(retryAt, now)}</td>
      <td role="cell" data-name="Why" class="why">${firstLine(error)}</td>
    </tr>
  `;
}

function deadLetters(count: number, shown: readonly StoredCallback[], now: number): Html {
  return html`<section class="card" aria-labelledby="dead-title">
<div class="card-head"><h2 id="dead-title">Dead letters</h2>
<p class="faint">They used up their attempts. Mend the cause, then replay them; or discard what isn't wanted any more.</p></div>
${callbackTable(shown, now)}
${count > shown.length && html`<p><a href="/console/callbacks?state=dead">All ${counted(count, "dead letter")}</a></p>`}
</section>`;
}
