import { Buffer } from "node:buffer";
import { createHmac } from "node:crypto";
import type { Random } from "../../soak/random.ts";
import { OTHER_SECRET, SECRET } from "../../support/callbacks.ts";
import type { FuzzRequest } from "../http/request.ts";

/** The webhooks that the target knows, with their secrets. */
export const WEBHOOKS: readonly (readonly [id: number, secret: string])[] = [
  [8958534189639556, SECRET],
  [2674017481058180, OTHER_SECRET],
];
export const SIGNATURE = "Smartsheet-Hmac-SHA256";
export const CHALLENGE = "Smartsheet-Hook-Challenge";

const LANES = 400;
const TYPES = ["row", "cell", "column", "comment", "discussion", "attachment", "sheet", "user", "Row", ""];
const CHANGES = ["created", "updated", "deleted", "seatType.updated", "UPDATED"];
const AGENTS = [
  "sheethook",
  "other",
  "a,sheethook",
  "a%2Csheethook",
  "%",
  "é,😀",
  ",",
  "x".repeat(512),
  "sync,".repeat(110),
];

/** The members of an event callback that no other number has. */
export function callbackOf(number: number, random: Random): Record<string, unknown> {
  return {
    nonce: `fuzz-${number}`,
    timestamp: timestampOf(number, random.pick(["+00:00", "+0000", "Z"])),
    webhookId: random.pick(WEBHOOKS)[0],
    scope: random.pick(["sheet", "sheet", "sheet", "plan"]),
    scopeObjectId: 1 + random.between(0, LANES - 1),
    events: Array.from({ length: random.between(1, 4) }, (_, place) => eventOf(number * 10 + place, random)),
  };
}

/** The members of a status callback that no other number has. */
export function statusOf(number: number, random: Random): Record<string, unknown> {
  const { events: _, ...envelope } = callbackOf(number, random);
  const status = random.pick(["ENABLED", "DISABLED_SCOPE_INACCESSIBLE", "DISABLED_BY_OWNER", "SOMETHING_NEW"]);
  return { ...envelope, newWebhookStatus: status, ...(random.chance(0.3) && { events: null }) };
}

/** One millisecond for each number. */
export function timestampOf(number: number, zone: string): string {
  return new Date(1.6e12 + number).toISOString().replace("Z", zone);
}

export function eventOf(id: number, random: Random): Record<string, unknown> {
  const objectType = random.pick(TYPES);
  const place = objectType === "cell" ? { rowId: id, columnId: random.between(1, 9) } : { id };
  return {
    objectType,
    eventType: random.pick(CHANGES),
    ...place,
    userId: random.between(1, 1e6),
    timestamp: "2025-09-17T13:08:55.000+00:00",
    ...(random.chance(0.3) && { changeAgent: random.pick(AGENTS) }),
  };
}

/** A POST as Smartsheet makes it, with one header more where one is given. */
export function post(body: string | Buffer, ...headers: (readonly [string, string])[]): FuzzRequest {
  const json: readonly (readonly [string, string])[] = [["Host", "127.0.0.1"], ["Content-Type", "application/json"]];
  return {
    method: "POST",
    target: "/webhook",
    version: "1.1",
    headers: [...json, ...headers],
    body: typeof body === "string" ? Buffer.from(body) : body,
    framing: "length",
  };
}

/** The same, signed by the secret of the webhook that `members` names; `body` where it isn't their JSON. */
export function signedPost(
  members: Record<string, unknown>,
  body: string | Buffer = JSON.stringify(members),
): FuzzRequest {
  return post(body, [SIGNATURE, sign(body, secretOf(members))]);
}

export function secretOf({ webhookId }: Record<string, unknown>): string {
  return WEBHOOKS.find(([id]) => id === webhookId)?.[1] ?? SECRET;
}

export function sign(body: string | Buffer, secret: string): string {
  return createHmac("sha256", secret).update(body).digest("hex");
}

/** The request with a header in the place of all of that name. */
export function withHeader(request: FuzzRequest, name: string, ...values: string[]): FuzzRequest {
  const others = request.headers.filter(([other]) => other !== name);
  return { ...request, headers: [...others, ...values.map((value) => [name, value] as const)] };
}
