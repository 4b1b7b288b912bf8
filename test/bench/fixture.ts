import { createHmac, randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";

/** What every contender and every request of a run agrees on. */
export const SECRET = "3qo29mvjou6xt5fujukjtwzhj0";
export const PATH = "/webhook";

/** The inbox with done callbacks in the folder of a run. */
export const LARGE_FILE = "large.db";

/** A real callback: 917 bytes, 5 events. */
export const BODY = readFileSync(new URL("../fixtures/two-rows-edited-2025.json", import.meta.url), "utf8");

export const CHALLENGE = readFileSync(new URL("../fixtures/challenge-2015.json", import.meta.url), "utf8");

/** Lower-case hex of HMAC-SHA-256. */
export function sign(body: string | Uint8Array): string {
  return createHmac("sha256", SECRET).update(body).digest("hex");
}

/** The bytes of a signed HTTP request. */
export function requestBytes(body: string): Buffer {
  const head = `POST ${PATH} HTTP/1.1\r
host: 127.0.0.1\r
content-type: application/json\r
smartsheet-hmac-sha256: ${sign(body)}\r
content-length: ${Buffer.byteLength(body)}\r
\r
`;
  return Buffer.from(head + body);
}

const { nonce, timestamp, scopeObjectId } = JSON.parse(BODY);
const [beforeNonce, afterNonce] = BODY.split(nonce) as [string, string];
let made = 0;

/** A request that no inbox has seen: its own nonce and timestamp, and one of 64 sheets. */
export function freshRequestBytes(): Buffer {
  const time = new Date(Date.parse(timestamp) + ++made).toISOString();
  const rest = afterNonce.replace(timestamp, time).replace(String(scopeObjectId), String(scopeObjectId - made % 64));
  return requestBytes(`${beforeNonce}${randomUUID()}${rest}`);
}

/** A callback with one event: with its head it is under the 512 bytes up to which Deno 2.9.5 keeps a connection. */
export const SMALL_BODY = (() => {
  const callback = JSON.parse(BODY);
  return JSON.stringify({ ...callback, events: callback.events.slice(0, 1) });
})();

/** A callback with `count` events, each like a real cell event. */
export function bodyWithEvents(count: number): string {
  const callback = JSON.parse(BODY);
  const cell = callback.events.at(-1);
  return JSON.stringify({
    ...callback,
    events: Array.from({ length: count }, (_, index) => ({ ...cell, rowId: cell.rowId + index })),
  });
}
