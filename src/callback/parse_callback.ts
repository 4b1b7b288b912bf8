import * as v from "valibot";
import { SheethookError } from "../errors.ts";
import { isObject, parseJson } from "../json.ts";
import type { Callback } from "./callback.ts";
import type { AnyEvent } from "./event.ts";
import { isTimestamp } from "./timestamp.ts";

const id = v.pipe(v.number(), v.safeInteger());
const text = v.pipe(v.string(), v.nonEmpty(), v.maxLength(256));

// Checks each event without a copy: a schema per event would block the event loop for 5 ms at 6,000 events.
const events = v.custom<AnyEvent[]>((value) => Array.isArray(value) && value.every(isObject), "Expected objects");

const schema = v.pipe(
  v.looseObject({
    nonce: text,
    timestamp: v.custom<string>(isTimestamp, "Expected a date-time"),
    webhookId: id,
    scope: text,
    scopeObjectId: id,
    events: v.nullish(events),
    newWebhookStatus: v.nullish(v.string()),
  }),
  v.check(
    ({ events, newWebhookStatus }) => events != null || !!newWebhookStatus,
    "Expected events or newWebhookStatus",
  ),
);

/**
 * Returns `value` as a callback. Checks the envelope, and that each event is an object; everything else passes through
 * unchanged.
 *
 * @throws {SheethookError} `callback_invalid`, with the path of the wrong attribute, never its value
 */
export function parseCallback(value: unknown): Callback {
  const result = v.safeParse(schema, value, { abortEarly: true });
  if (result.success) return result.output as Callback;
  const { message, expected } = result.issues[0];
  const path = v.getDotPath(result.issues[0]) ?? "body";
  throw new SheethookError(
    "callback_invalid",
    `Not a callback: ${path}: ${expected ? `expected ${expected}` : message}`,
  );
}

/** Parses the body that an inbox stored. @throws {SheethookError} `callback_invalid` */
export function parseStoredCallback(body: string): Callback {
  const value = parseJson(body);
  if (value === undefined) throw new SheethookError("callback_invalid", "Not a callback: the stored body isn't JSON");
  return parseCallback(value);
}
