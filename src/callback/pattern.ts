import { optionError } from "../errors.ts";
import { EVENT_TYPES, OBJECT_TYPES } from "../smartsheet/event_types.ts";
import { editDistance } from "../text.ts";
import type { AnyEvent } from "./event.ts";

/** True for the events that a pattern names. */
export type EventMatcher = (event: AnyEvent) => boolean;

// Split at the first dot: event types of plans hold one themselves.
const PATTERN = /^(\*|[^.*\s]+)\.(\*|[^*\s]+)$/;

/** True for `objectType.eventType`, with `*` for either half. */
export function isPattern(text: string): boolean {
  return PATTERN.test(text);
}

/**
 * Reads `objectType.eventType`. `*` stands for either half; `*.*` matches every event, even one without types.
 *
 * @throws {SheethookError} `option_invalid`
 */
export function parsePattern(pattern: string): EventMatcher {
  const [, objectType, eventType] = PATTERN.exec(pattern) ?? [];
  if (!objectType) throw optionError("Pattern", pattern, '"objectType.eventType", with "*" for either half');
  return (event) =>
    (objectType === "*" || objectType === event.objectType) && (eventType === "*" || eventType === event.eventType);
}

/**
 * Names the half of a pattern that Smartsheet doesn't document for sheets, and the word that was probably meant; undefined
 * if both are documented. Only a warning: Smartsheet may send more types than it documents.
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
