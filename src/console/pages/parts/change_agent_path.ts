import { type Origin, originOf } from "../../../change_agent/own_change.ts";
import { printable } from "../../../text.ts";
import { counted, type Markup, markup } from "../markup.ts";
import { withoutEmails } from "../without_emails.ts";

/** Who this application is to Smartsheet, and whether handlers get its own changes. */
export interface Identity {
  readonly changeAgent: string;
  readonly deliversOwnChanges: boolean;
}

/** A change agent list, and how many events have it. */
interface Way {
  readonly changeAgent: string | undefined;
  readonly origin: Origin;
  count: number;
}

const MAX_WAYS = 20;
const MAX_DECODED = 3;

/** Tells who made the change: this application or another. */
export function originOfEvent(event: Record<string, unknown>, identity: Identity): Origin {
  return typeof event.changeAgent === "string" ? originOf(event.changeAgent, identity.changeAgent) : "other";
}

/** The applications that events passed through, each path once, and whether handlers get the events. */
export function changeAgentPaths(
  events: readonly Record<string, unknown>[],
  identity: Identity,
): Markup {
  const ways = new Map<string | undefined, Way>();
  for (const event of events) {
    const changeAgent = typeof event.changeAgent === "string" ? event.changeAgent : undefined;
    const way = ways.get(changeAgent) ?? { changeAgent, origin: originOfEvent(event, identity), count: 0 };
    way.count++;
    ways.set(changeAgent, way);
  }
  const shown = [...ways.values()].slice(0, MAX_WAYS);
  return markup`<ul class="ways">${shown.map((way) => wayItem(way, identity))}</ul>
${ways.size > shown.length && markup`<p class="faint">And ${ways.size - shown.length} more paths.</p>`}`;
}

function wayItem({ changeAgent, origin, count }: Way, identity: Identity): Markup {
  const steps = changeAgent === undefined
    ? [markup`<li class="person">a person, in Smartsheet</li>`]
    : tokensOf(changeAgent).map((token, index) => {
      const isOurs = [token, token.replaceAll("+", " ")].includes(identity.changeAgent) ||
        (origin === "cut" && index === 0);
      const name = markup`<code>${printable(withoutEmails(token)) || "(blank)"}</code>`;
      return isOurs ? markup`<li class="ours">${name} this application</li>` : markup`<li>${name}</li>`;
    });
  const end = origin === "other" || identity.deliversOwnChanges
    ? markup`<li class="end">passed to the matching handlers</li>`
    : markup`<li class="end stopped">own change: ignored, no handler runs</li>`;
  return markup`<li><p>${counted(count, "event")}${
    origin === "cut" && ", recognised by the end of our cut-off name"
  }</p>
<ol class="way">${steps}${end}</ol></li>`;
}

/** Splits a change agent list. Each SDK on the way may have percent-encoded it again. */
function tokensOf(list: string, decodings: number = MAX_DECODED): string[] {
  const tokens = list.split(",").flatMap((token) => {
    const decoded = token.replace(/%([0-7][0-9a-f])/gi, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
    return decodings === 0 || decoded === token ? token.trim() : tokensOf(decoded, decodings - 1);
  });
  return tokens.slice(0, 100);
}
