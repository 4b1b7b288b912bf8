// The table of answers, request by request: run in process, and over HTTP and HTTPS against every door.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { signBody } from "../../src/receive/signature.ts";
import { callbackBody, CHALLENGE_ID, OTHER_SECRET, SECRET, WEBHOOK_ID } from "../support/callbacks.ts";
import { fixture, fixtureSignatures } from "../support/fixtures.ts";
import { SMALL_BODY_BYTES, type WireReceiverName } from "./wire_receivers.ts";

export interface WireRequest {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
  /** The body is announced and never comes. */
  readonly stalled?: boolean;
  /** The body goes out in chunks, without a Content-Length. */
  readonly chunked?: boolean;
}

export interface WireAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

export interface WireTarget {
  send(receiver: WireReceiverName, request: WireRequest): Promise<WireAnswer>;
  close(): Promise<void>;
}

const CHALLENGE = "d78dd1d3-01ce-4481-81de-92b4f3aa5ab1";
const challengeBody = (attributes: Record<string, unknown> = {}) =>
  JSON.stringify({ challenge: CHALLENGE, webhookId: CHALLENGE_ID, ...attributes });
const challengeHeader = (challenge = CHALLENGE) => ({ "Smartsheet-Hook-Challenge": challenge });
const signature = (value: string) => ({ "Smartsheet-Hmac-SHA256": value });
const signed = async (body: string | Uint8Array<ArrayBuffer>, secret = SECRET) => ({
  body,
  headers: signature(await signBody(body, secret)),
});
const statusBody = callbackBody({ events: undefined, newWebhookStatus: "DISABLED_SCOPE_INACCESSIBLE" });
/** Big enough to come in several pieces. */
const bigBody = callbackBody({
  events: Array.from({ length: 6000 }, (_, id) => ({ objectType: "row", eventType: "updated", id })),
});
const foreignBody = callbackBody({ webhookId: 5 });

const TEXTS: Record<number, readonly [title: string, detail: string]> = {
  400: ["Bad Request", "Not a Smartsheet callback"],
  401: ["Unauthorized", "Signature missing or wrong"],
  403: ["Forbidden", "Not a webhook of this receiver"],
  405: ["Method Not Allowed", "Only POST is answered here"],
  408: ["Request Timeout", "Body took too long"],
  413: ["Content Too Large", "Body too large"],
  500: ["Internal Server Error", "Handler failed"],
  503: ["Service Unavailable", "Can't accept callbacks now"],
};

type Case = [
  title: string,
  receiver: WireReceiverName,
  status: number,
  request: () => WireRequest | Promise<WireRequest>,
];

const CASES: Case[] = [
  ...fixtureSignatures().map(([name, header]): Case => [
    `a published body (${name})`,
    "one",
    200,
    () => ({ body: fixture(name), headers: signature(header) }),
  ]),
  ["a status callback", "one", 200, () => signed(statusBody)],
  ["a callback that comes again", "one", 200, () => signed(callbackBody())],
  ["a callback of 6,000 events", "one", 200, () => signed(bigBody)],
  ["a callback in chunks", "one", 200, async () => ({ ...await signed(bigBody), chunked: true })],
  [
    "an upper-case signature",
    "one",
    200,
    async () => ({ body: statusBody, headers: signature((await signBody(statusBody, SECRET)).toUpperCase()) }),
  ],
  ["a signature without its leading zeros", "one", 200, () => signedWithLeadingZeros()],
  [
    "a callback with unknown types",
    "one",
    200,
    () =>
      signed(callbackBody({ scope: "plan", events: [{ objectType: "user", eventType: "seatType.updated", x: {} }] })),
  ],
  ["a callback with white space", "one", 200, () => signed(` ${callbackBody().replaceAll(",", ",\n")} `)],
  ["a signature by one of several secrets", "several", 200, () => signed(callbackBody(), SECRET)],
  ["a signature by another of several secrets", "several", 200, () => signed(callbackBody(), OTHER_SECRET)],
  ["a signature by the webhook's own secret", "perWebhook", 200, () => signed(callbackBody())],
  ["a signature by a secret that a function knows", "function", 200, () => signed(callbackBody())],
  ["a callback of a webhook of ours", "ids", 200, () => signed(callbackBody())],
  ["an unsigned callback where that is allowed", "unsigned", 200, () => ({ body: callbackBody() })],
  ["a signed callback that is too old", "maxAge", 200, () => signed(callbackBody())],

  ["a method other than POST", "one", 405, () => ({ method: "GET" })],
  ["PUT", "one", 405, async () => ({ method: "PUT", ...await signed(callbackBody()) })],
  ["OPTIONS", "one", 405, () => ({ method: "OPTIONS" })],
  ["HEAD", "one", 405, () => ({ method: "HEAD" })],

  ["a missing signature", "one", 401, () => ({ body: callbackBody() })],
  ["an empty signature", "one", 401, () => ({ body: callbackBody(), headers: signature("") })],
  [
    "a signature in base64",
    "one",
    401,
    () => ({ body: callbackBody(), headers: signature("NNGZ0nmfla/8aLWG8MaJa9RAXrwyssIoq96/mHMFI9w=") }),
  ],
  [
    "a signature that is too long",
    "one",
    401,
    async () => ({ body: callbackBody(), headers: signature("0" + await signBody(callbackBody(), SECRET)) }),
  ],
  ["a signature by another secret", "one", 401, () => signed(callbackBody(), OTHER_SECRET)],
  ["a signature by another webhook's secret", "perWebhook", 401, () => signed(callbackBody(), OTHER_SECRET)],
  [
    "a body that was changed",
    "one",
    401,
    async () => ({ ...await signed(callbackBody()), body: callbackBody() + " " }),
  ],
  ["nothing at all", "one", 401, () => ({})],
  ["an unsigned body that isn't JSON", "one", 401, () => ({ body: "no" })],
  ["an unsigned body without an id", "perWebhook", 401, () => ({ body: "{}" })],

  ["a signed body that isn't JSON", "one", 400, () => signed("no")],
  ["a signed body that isn't UTF-8", "one", 400, () => signed(Uint8Array.from([0x22, 0xff, 0x22]))],
  ["a signed body that is no callback", "one", 400, () => signed("[]")],
  ["a signed callback without a nonce", "one", 400, () => signed(callbackBody({ nonce: undefined }))],
  ["a signed callback with events that are no objects", "one", 400, () => signed(callbackBody({ events: [5] }))],
  ["a signed body without an id to choose the secret by", "perWebhook", 400, () => signed("{}")],
  ["an unsigned body that is no callback where unsigned ones are allowed", "unsigned", 400, () => ({ body: "{}" })],

  ["a callback of a webhook that has no secret here", "perWebhook", 403, () => signed(foreignBody)],
  ["a callback of a webhook that a function doesn't know", "function", 403, () => signed(foreignBody)],
  ["a callback of a webhook that a function knows nothing of", "nullFunction", 403, () => signed(callbackBody())],
  ["a callback of a webhook that isn't listed", "ids", 403, () => signed(foreignBody)],
  ["an unsigned callback of a webhook that isn't listed", "unsigned", 403, () => ({ body: foreignBody })],
  [
    "a status callback of a webhook that isn't listed",
    "ids",
    403,
    () => signed(statusBody.replace(String(WEBHOOK_ID), "5")),
  ],
  [
    "a challenge of a webhook that isn't listed",
    "ids",
    403,
    () => ({ body: challengeBody(), headers: challengeHeader() }),
  ],
  [
    "a challenge of a webhook that has no secret here",
    "perWebhook",
    403,
    () => ({ body: challengeBody({ webhookId: 5 }) }),
  ],
  ["a challenge of a webhook with an id of another shape where they are listed", "ids", 403, () => ({
    body: challengeBody({ webhookId: "x" }),
  })],

  ["a body over the limit", "small", 413, () => signed("x".repeat(SMALL_BODY_BYTES + 1))],
  [
    "a body over the limit in chunks",
    "small",
    413,
    async () => ({ ...await signed("x".repeat(SMALL_BODY_BYTES + 1)), chunked: true }),
  ],
  [
    "a challenge over the limit",
    "small",
    413,
    () => ({ body: challengeBody({ more: "x".repeat(SMALL_BODY_BYTES) }), headers: challengeHeader() }),
  ],
  ["a body that doesn't come", "small", 408, () => ({ stalled: true, headers: signature("00") })],

  ["a callback that the inbox can't store", "full", 503, () => signed(callbackBody())],
  ["a callback that the inbox throws at", "throwing", 503, () => signed(callbackBody())],
  ["a callback that the inbox takes too long over", "slowInbox", 503, () => signed(callbackBody())],
  ["a callback while the process is stopping", "stopped", 503, () => signed(callbackBody())],
  ["a callback while no secret is known", "noneYet", 503, () => signed(callbackBody())],
  ["an unsigned callback while no secret is known", "noneYet", 503, () => ({ body: callbackBody() })],
  ["a callback whose secret is looked up for too long", "slowFunction", 503, () => signed(callbackBody())],
  ["a callback whose secret can't be read", "brokenFunction", 503, () => signed(callbackBody())],
  ["a callback whose handler fails, without an inbox", "failing", 500, () => signed(callbackBody())],
  ["a callback whose handler takes too long, without an inbox", "slow", 500, () => signed(callbackBody())],

  ["an empty challenge", "one", 400, () => ({ body: challengeBody({ challenge: "" }) })],
  ["an empty challenge header", "one", 400, () => ({ headers: challengeHeader("") })],
  ["a challenge of 257 characters", "one", 400, () => ({ headers: challengeHeader("x".repeat(257)) })],
  ["a challenge with a blank", "one", 400, () => ({ headers: challengeHeader("a b") })],
  ["a challenge that isn't ASCII", "one", 400, () => ({ body: challengeBody({ challenge: "né" }) })],
  ["a challenge that is no text", "one", 400, () => ({ body: challengeBody({ challenge: 5 }) })],
  [
    "a challenge whose header and body differ",
    "one",
    400,
    () => ({ body: challengeBody(), headers: challengeHeader("another") }),
  ],
  ["a signed challenge whose header and body differ", "one", 400, async () => {
    const { body, headers } = await signed(challengeBody());
    return { body, headers: { ...headers, ...challengeHeader("another") } };
  }],
];

const CHALLENGES: Case[] = [
  [
    "a challenge as it was published",
    "one",
    200,
    () => ({ body: fixture("challenge-2015"), headers: challengeHeader() }),
  ],
  ["a challenge in the header alone", "one", 200, () => ({ headers: challengeHeader() })],
  [
    "a challenge in the header of something that isn't JSON",
    "one",
    200,
    () => ({ headers: challengeHeader(), body: "no" }),
  ],
  ["a challenge in the body alone", "one", 200, () => ({ body: challengeBody() })],
  [
    "a challenge of a webhook of ours",
    "perWebhook",
    200,
    () => ({ body: challengeBody(), headers: challengeHeader() }),
  ],
  [
    "a challenge while no secret is known",
    "noneYet",
    200,
    () => ({ body: challengeBody(), headers: challengeHeader() }),
  ],
  [
    "a challenge while the process is stopping",
    "stopped",
    200,
    () => ({ body: challengeBody(), headers: challengeHeader() }),
  ],
  ["a challenge where the inbox is full", "full", 200, () => ({ body: challengeBody(), headers: challengeHeader() })],
  ["a challenge with a signed callback, which isn't dispatched", "failing", 200, async () => {
    const { body, headers } = await signed(callbackBody());
    return { body, headers: { ...headers, ...challengeHeader() } };
  }],
];

async function signedWithLeadingZeros(): Promise<WireRequest> {
  for (let count = 0;; count++) {
    const body = callbackBody({ count });
    const hex = await signBody(body, SECRET);
    if (hex.startsWith("00")) return { body, headers: signature(hex.replace(/^0+/, "")) };
  }
}

export function wireSuite(name: string, open: () => Promise<WireTarget>): void {
  describe(name, () => {
    let target: WireTarget;
    before(async () => {
      target = await open();
    });
    after(() => target?.close());

    for (const [title, receiver, status, request] of CASES) {
      test(`${title} is answered ${status}`, async () => {
        const asked = await request();
        const answer = await target.send(receiver, asked);
        assert.equal(answer.status, status);
        if (status === 200) return;
        assert.equal(answer.headers.get("Content-Type"), "application/problem+json");
        if (asked.method !== "HEAD") {
          const [title, detail] = TEXTS[status]!;
          assert.deepEqual(JSON.parse(answer.body), { type: "about:blank", title, status, detail });
        }
        assert.equal(answer.headers.get("Allow"), status === 405 ? "POST" : null);
        if (status === 503) assert.match(answer.headers.get("Retry-After")!, /^\d+$/);
      });
    }

    for (const [title, receiver, status, request] of CHALLENGES) {
      test(`${title} is echoed`, async () => {
        const answer = await target.send(receiver, await request());
        assert.equal(answer.status, status);
        assert.equal(answer.headers.get("Smartsheet-Hook-Response"), CHALLENGE);
        assert.match(answer.headers.get("Content-Type")!, /^application\/json/);
        assert.deepEqual(JSON.parse(answer.body), { smartsheetHookResponse: CHALLENGE });
      });
    }
  });
}
