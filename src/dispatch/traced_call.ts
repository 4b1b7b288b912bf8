import { propertyOf } from "../errors.ts";
import type { TracedCall } from "../tracing_port.ts";
import { type Call, kindOf } from "./calls.ts";
import type { Context } from "./context.ts";
import type { Kind } from "./handlers.ts";

const SUBJECTS: Readonly<Record<Kind, string>> = {
  event: "event",
  change: "onChange",
  callback: "onCallback",
  status: "onStatus",
  gap: "onGap",
  read: "read rows",
};

/** A call as its span tells of it: numbers as people count, and nothing that a cell holds. */
export function tracedCall({ name, handler, change }: Call, { callback, attempt }: Context): TracedCall {
  const { objectType, eventType } = (typeof name === "number" && callback.events?.[name]) || {};
  const isNamed = typeof objectType === "string" && typeof eventType === "string";
  return {
    subject: isNamed ? `${objectType}.${eventType}` : SUBJECTS[kindOf(name)],
    event: typeof name === "number" ? name + 1 : undefined,
    row: change?.row.id,
    handler: handler.index + 1,
    name: String(propertyOf(handler.handler, "name") ?? ""),
    attempt,
  };
}
