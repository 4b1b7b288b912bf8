import type { InboxOverview } from "../../inbox/inspect.ts";
import { activityPlot, DAY, HOUR, startOf } from "./parts/activity_plot.ts";
import { deadErrorsCard } from "./parts/dead_errors_card.ts";
import { heldLanesCard } from "./parts/held_lanes.ts";
import { counted, type Markup, markup, type Part } from "./markup.ts";
import { livePart } from "./layout.ts";
import { durationText } from "./parts/time_tag.ts";
import { healthOf, type Overview } from "./health.ts";
import { webhookTable } from "./parts/webhook_table.ts";

const ERRORS_SHOWN = 10;

/** The first page: has everything been processed, and if not, what to do? */
export function overviewPage(all: Overview): Part {
  const { overview, lastHour, lastDay, errors, webhooks, now } = all;
  const { level, text, next, others } = healthOf(all);
  return markup`<h1 class="sr">Overview</h1>
${
    livePart(
      "health",
      markup`<div class="health ${level}"><p class="health-text">${text}</p>${next && markup`<p>${next}</p>`}${
        others.length > 0 && markup`<ul>${others.map((other) => markup`<li>${other}</li>`)}</ul>`
      }</div>`,
      "status",
    )
  }
${livePart("tiles", tiles(all))}
${
    livePart(
      "activity",
      markup`<div class="pair">${activityPlot(HOUR, lastHour, startOf(HOUR, now))}${
        activityPlot(DAY, lastDay, startOf(DAY, now))
      }</div>`,
    )
  }
${livePart("held", overview.heldLanes > 0 && heldLanesCard(overview, all.sheets, now))}
${
    livePart(
      "dead",
      overview.dead > 0 && deadErrorsCard(errors, {
        params: new URLSearchParams({ state: "dead" }),
        count: overview.dead,
        limit: ERRORS_SHOWN,
      }),
    )
  }
${livePart("webhooks", webhookTable(webhooks, all.sheets, now))}`;
}

function tiles({ overview, refused, now }: Overview): Markup {
  const { pending, lanes, oldestPendingAt, heldLanes, dead, deadCalls, done, discarded }: InboxOverview = overview;
  const waits = oldestPendingAt === undefined ? undefined : now - oldestPendingAt;
  return markup`<ul class="tiles">
${
    tile(
      "Pending",
      pending,
      pending ? `in ${counted(lanes, "sheet")}` : "nothing to do",
      "/console/callbacks?state=pending",
    )
  }
${
    tile(
      "Oldest pending",
      waits === undefined ? "–" : durationText(waits),
      waits === undefined ? "nothing is waiting" : "since it was received",
      "/console/callbacks?state=pending",
    )
  }
${
    tile(
      "Sheets held up",
      heldLanes,
      heldLanes ? "by a failed callback" : "none",
      heldLanes ? "#held" : undefined,
      heldLanes ? "warn" : "",
    )
  }
${
    tile(
      "Dead letters",
      dead,
      deadCalls ? `with ${counted(deadCalls, "dead call")}` : dead ? "waiting for your decision" : "none",
      "/console/callbacks?state=dead",
      dead ? "bad" : "",
    )
  }
${tile("Refused", refused?.count ?? 0, "here, in the last hour", undefined, refused ? "warn" : "")}
${
    tile(
      "Processed",
      done,
      discarded ? `and ${discarded.toLocaleString("en-US")} discarded` : "kept in the inbox",
      "/console/callbacks?state=done",
    )
  }
</ul>`;
}

function tile(name: string, value: number | string, note: string, path?: string, tone = ""): Markup {
  const shown = typeof value === "number" ? value.toLocaleString("en-US") : value;
  const text = markup`<span class="tile-name">${name}</span>
<span class="tile-value">${shown}</span><span class="tile-note">${note}</span>`;
  return markup`<li class="tile ${tone}">${
    path === undefined ? markup`<div>${text}</div>` : markup`<a href="${path}">${text}</a>`
  }</li>`;
}
