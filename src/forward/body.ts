import { optionError } from "../errors.ts";
import type { Message } from "./message.ts";

/** How a message is written: the JSON of Standard Webhooks, or a CloudEvents 1.0 envelope (structured mode, JSON). */
export type ForwardFormat = "json" | "cloudevents";

/** What is sent of a message. */
export interface Body {
  readonly contentType: string;
  readonly text: string;
}

/** @throws {SheethookError} `option_invalid` for an unknown format */
export function createWriteBody(format: ForwardFormat): (message: Message) => Body {
  if (format === "json") return jsonBody;
  if (format === "cloudevents") return cloudEventsBody;
  throw optionError("format", format, '"json" or "cloudevents"');
}

function jsonBody({ type, timestamp, data }: Message): Body {
  return { contentType: "application/json; charset=utf-8", text: JSON.stringify({ type, timestamp, data }) };
}

/** https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md */
function cloudEventsBody({ id, type, timestamp, origin, data }: Message): Body {
  const text = JSON.stringify({
    specversion: "1.0",
    id,
    source: `/smartsheet/webhooks/${origin.webhookId}`,
    type,
    subject: `${origin.scope}/${origin.scopeObjectId}`,
    time: timestamp,
    datacontenttype: "application/json",
    data,
  });
  return { contentType: "application/cloudevents+json; charset=utf-8", text };
}
