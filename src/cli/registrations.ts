import type { KnownEventType, KnownObjectType } from "../callback/event.ts";
import type { Receiver } from "../receiver.ts";

/** What a module registers, while it does. */
export interface Registrations {
  /** To be given to the module: does what the receiver does, and takes notes. */
  readonly receiver: Receiver;
  /** What is probably not meant; each of it is legal. */
  warnings(): string[];
}

const OBJECT_TYPES = [
  "attachment",
  "cell",
  "column",
  "comment",
  "discussion",
  "row",
  "sheet",
] as const satisfies readonly KnownObjectType[];
const EVENT_TYPES = ["created", "updated", "deleted"] as const satisfies readonly KnownEventType[];
/** Only on plans; these pass through untouched. */
const OF_PLANS = ["user.*", "user.seatType.updated", "*.seatType.updated"];

/** Watches what is registered with a receiver. */
export function watchRegistrations(receiver: Receiver): Registrations {
  const patterns: string[] = [];
  let count = 0;
  const watched: Receiver = new Proxy(receiver, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== "function" || !/^on/.test(String(name))) return value;
      return (...args: unknown[]) => {
        const returned = Reflect.apply(value, target, args);
        count++;
        if (name === "on") patterns.push(...[args[0]].flat().map(String));
        return returned === target ? watched : returned;
      };
    },
  });
  return {
    receiver: watched,
    warnings() {
      if (!count) {
        return [
          "no handler is registered: callbacks are accepted, and nothing is done; call receiver.on(...) in its default export",
        ];
      }
      return [...new Set(patterns)].filter((pattern) => !isDocumented(pattern)).map((pattern) => {
        const near = nearest(pattern);
        const hint = near ? `; did you mean ${JSON.stringify(near)}?` : "";
        return `Smartsheet documents no events that ${JSON.stringify(pattern)} matches${hint}`;
      });
    },
  };
}

function isDocumented(pattern: string): boolean {
  const [objectType, eventType] = halves(pattern);
  const isKnown = (known: readonly string[], half: string) => half === "*" || known.includes(half);
  return OF_PLANS.includes(pattern) || (isKnown(OBJECT_TYPES, objectType) && isKnown(EVENT_TYPES, eventType));
}

/** The documented pattern that it may be a slip of. */
function nearest(pattern: string): string | undefined {
  const [objectType, eventType] = halves(pattern);
  const near = [nearestOf(objectType, OBJECT_TYPES), nearestOf(eventType, EVENT_TYPES)];
  return near.includes(undefined) ? undefined : near.join(".");
}

function nearestOf(text: string, words: readonly string[]): string | undefined {
  if (text === "*") return text;
  const ranked = words.map((word) => ({ word, distance: distance(text.toLowerCase(), word) }));
  const [best] = ranked.sort((a, b) => a.distance - b.distance);
  return best && best.distance <= 3 && best.distance < text.length ? best.word : undefined;
}

/** Levenshtein's: how many letters must be put in, left out or changed. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j++) {
      next.push(Math.min(row[j]! + Number(letter !== b[j]), row[j + 1]! + 1, next[j]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}

/** Split at the first dot: event types of plans hold one themselves. */
function halves(pattern: string): [string, string] {
  const dot = pattern.indexOf(".");
  return [pattern.slice(0, dot), pattern.slice(dot + 1)];
}
