import { type Origin, originOf } from "../../../change_agent/own_change.ts";
import { printable } from "../../../text.ts";
import { counted, type Markup, markup } from "../markup.ts";
import { withoutEmails } from "../without_emails.ts";

/** Who this application is to Smartsheet, and whether handlers get its own changes. */
export interface Identity {
  readonly changeAgent: string;
  readonly deliversOwnChanges: boolean;
}

/** Events that came the same way. */
interface Way {
  readonly changeAgent: string | undefined;
  readonly origin: Origin;
  count: number;
}

const MAX_WAYS = 20;
const MAX_DECODED = 3;

/** Whose change an event is. */
export function originOfEvent(event: Record<string, unknown>, identity: Identity): Origin {
  return typeof event.changeAgent === "string" ? originOf(event.changeAgent, identity.changeAgent) : "other";
}

/** The ways by which events came here, each once: through which applications, and whether it ended there. */
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
${ways.size > shown.length && markup`<p class="faint">And ${ways.size - shown.length} more ways.</p>`}`;
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
    ? markup`<li class="end">to handlers of its type</li>`
    : markup`<li class="end stopped">own change: stops here, no handler runs</li>`;
  return markup`<li><p>${counted(count, "event")}${origin === "cut" && ", recognised by the rest of our name"}</p>
<ol class="way">${steps}${end}</ol></li>`;
}

/** The names in a list; each SDK on the way may have encoded some of it once more. */
function tokensOf(list: string, decodings: number = MAX_DECODED): string[] {
  const tokens = list.split(",").flatMap((token) => {
    const decoded = token.replace(/%([0-7][0-9a-f])/gi, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
    return decodings === 0 || decoded === token ? token.trim() : tokensOf(decoded, decodings - 1);
  });
  return tokens.slice(0, 100);
}
