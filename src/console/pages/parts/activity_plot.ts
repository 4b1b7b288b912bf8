import type { Activity } from "../../../inbox/inspect.ts";
import { card } from "./card.ts";
import { counted, type Markup, markup } from "../markup.ts";
import { scrollTable } from "./rows_table.ts";
import { clockTag } from "./time_tag.ts";

/** A period of time, divided into steps. */
export interface Span {
  readonly name: string;
  readonly steps: number;
  readonly stepMs: number;
}

export const HOUR: Span = { name: "Last hour", steps: 60, stepMs: 60_000 };
export const DAY: Span = { name: "Last 24 hours", steps: 48, stepMs: 1_800_000 };

const NOTHING = { accepted: 0, done: 0, dead: 0 };
const HEIGHT = 100;
const WIDTH = 12;

/** The start of a span that ends with the current step. */
export function startOf({ steps, stepMs }: Span, now: number): number {
  return (Math.floor(now / stepMs) - steps + 1) * stepMs;
}

/** Plots accepted callbacks as bars, finished ones as a line, dead letters as marks: readable without colours. */
export function activityPlot(span: Span, activity: readonly Activity[], since: number): Markup {
  const { name, steps, stepMs } = span;
  const byStep = new Map(activity.map((each) => [Math.floor((each.at - since) / stepMs), each]));
  const all = Array.from(
    { length: steps },
    (_, index) => ({ ...NOTHING, ...byStep.get(index), at: since + index * stepMs }),
  );
  const sum = (key: keyof typeof NOTHING) => all.reduce((total, each) => total + each[key], 0);
  const [accepted, done, dead] = [sum("accepted"), sum("done"), sum("dead")];
  const top = niceTop(Math.max(...all.map((each) => Math.max(each.accepted, each.done)), 1));
  const y = (count: number) => HEIGHT - (count / top) * HEIGHT;
  const isEmpty = !(accepted || done || dead);
  const summary = isEmpty
    ? "No callbacks."
    : `${counted(accepted, "callback")} came in, ${done.toLocaleString("en-US")} finished` +
      `${dead ? `, ${counted(dead, "dead letter")}` : ""}.`;
  const line = all.map((each, index) => `H${index * WIDTH}V${y(each.done)}`).join("");
  const id = `plot-${stepMs}`;

  return card(
    id,
    name,
    markup`<figure class="plot">
<span class="plot-top" aria-hidden="true">${isEmpty ? "\u00a0" : top.toLocaleString("en-US")}</span>
<svg role="img" aria-label="${name}: ${summary}" viewBox="0 0 ${steps * WIDTH} ${HEIGHT}" preserveAspectRatio="none">
<path class="grid" d="M0 0.5H${steps * WIDTH}M0 ${HEIGHT / 2}H${steps * WIDTH}"/>
${
      all.map((each, index) =>
        each.accepted > 0 &&
        markup`<rect class="in" x="${index * WIDTH + 1.5}" y="${y(each.accepted)}" width="${WIDTH - 3}" height="${
          HEIGHT - y(each.accepted)
        }"/>`
      )
    }
${!isEmpty && markup`<path class="out" d="M0 ${y(all[0]!.done)}${line}H${steps * WIDTH}"/>`}
${
      all.map((each, index) =>
        each.dead > 0 && markup`<path class="dead" d="M${index * WIDTH} ${HEIGHT}l${WIDTH / 2} -12l${WIDTH / 2} 12z"/>`
      )
    }
</svg>
<div class="axis" aria-hidden="true"><span>${clockTag(since)}</span><span>${
      clockTag(since + steps * stepMs / 2)
    }</span><span>now</span></div>
<figcaption class="legend"><span class="key in">came in</span><span class="key out">finished</span><span class="key dead">dead letter</span></figcaption>
</figure>
${table(all.filter((each) => each.accepted || each.done || each.dead), id)}`,
    summary,
  );
}

function table(rows: readonly Activity[], id: string): Markup | false {
  if (!rows.length) return false;
  const cells = rows.toReversed().map(({ at, accepted, done, dead }) => [clockTag(at), accepted, done, dead]);
  return markup`<details id="${id}-table"><summary>As a table</summary>
${scrollTable("The same in numbers", ["From", "Came in", "Finished", "Dead letters"], cells)}</details>`;
}

/** The smallest round number that is at least `max`. */
function niceTop(max: number): number {
  const power = 10 ** Math.floor(Math.log10(max));
  return [1, 1.2, 1.6, 2, 3, 4, 5, 6, 8, 10].map((factor) => factor * power).find((top) =>
    top >= max && Number.isInteger(top)
  )!;
}
