import { optionError } from "../errors.ts";
import type { AnyEvent } from "./event.ts";

/** True for the events that a pattern names. */
export type EventMatcher = (event: AnyEvent) => boolean;

/**
 * Reads `objectType.eventType`, split at the first dot (event types of plans hold one themselves). `*` stands for
 * either half; `*.*` matches every event, even one without types.
 *
 * @throws {SheethookError} `option_invalid`
 */
export function parsePattern(pattern: string): EventMatcher {
  const [, objectType, eventType] = /^(\*|[^.*\s]+)\.(\*|[^*\s]+)$/.exec(pattern) ?? [];
  if (!objectType) throw optionError("Pattern", pattern, '"objectType.eventType", with "*" for either half');
  return (event) =>
    (objectType === "*" || objectType === event.objectType) && (eventType === "*" || eventType === event.eventType);
}
