import type { KnownEventType, KnownObjectType } from "./event.ts";

/** The object types that Smartsheet documents for sheets. */
export const OBJECT_TYPES: readonly KnownObjectType[] = [
  ...["attachment", "cell", "column", "comment", "discussion", "row", "sheet"] as const,
];
/** The event types that Smartsheet documents for sheets. */
export const EVENT_TYPES: readonly KnownEventType[] = ["created", "updated", "deleted"];

/**
 * What is unknown in a pattern of a sheet's events, with the word that was probably meant; undefined if nothing is.
 * Smartsheet may have more types than its documentation: a receiver must take them, too.
 */
export function unknownInPattern(pattern: string): string | undefined {
  const [objectType = "", ...rest] = pattern.split(".");
  return unknownWord("object type", objectType, OBJECT_TYPES) ?? unknownWord("event type", rest.join("."), EVENT_TYPES);
}

function unknownWord(kind: string, word: string, known: readonly string[]): string | undefined {
  if (word === "*" || known.includes(word)) return undefined;
  const nearest = known
    .map((each) => ({ each, distance: editDistance(word.toLowerCase(), each) }))
    .toSorted((a, b) => a.distance - b.distance)[0]!;
  const meant = nearest.distance <= 2 ? ` (did you mean ${nearest.each}?)` : "";
  return `${JSON.stringify(word)} is no ${kind} of a sheet${meant}: it should be *, ${known.join(", ")}`;
}

/** How many letters have to be changed, added or left out (Levenshtein). */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(next[j - 1]! + 1, row[j]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length]!;
}
