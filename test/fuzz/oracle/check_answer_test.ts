import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { createRandom } from "../../soak/random.ts";
import { readAnswer } from "../http/answer.ts";
import { callbackOf, CHALLENGE, post, SIGNATURE, signedPost, WEBHOOKS, withHeader } from "../requests/callback.ts";
import { wrongWith } from "./check_answer.ts";
import { expectationOf } from "./expectation.ts";

const members = callbackOf(1, createRandom(1));
const signed = signedPost(members);
const challenge = post("", [CHALLENGE, "V"]);

function judge(request: typeof signed, status: number, body = "", headers: Record<string, string> = {}, tookMs = 1) {
  const lines = Object.entries({ "Content-Length": Buffer.byteLength(body), ...headers }).map((pair) =>
    pair.join(": ")
  );
  const text = `HTTP/1.1 ${status} x\r\n${lines.join("\r\n")}\r\n\r\n${body}`;
  return wrongWith(readAnswer(Buffer.from(text), request.method === "HEAD", true)!, expectationOf(request), tookMs);
}

const problem = (status: number, more: Record<string, string> = {}) =>
  [status, JSON.stringify({ status }), { "Content-Type": "application/problem+json", ...more }] as const;
const echo = (value: string, header = value) =>
  [200, JSON.stringify({ smartsheetHookResponse: value }), { "Smartsheet-Hook-Response": header }] as const;

test("wrongWith() finds nothing wrong with what the contract says", () => {
  assert.equal(judge(signed, 200), undefined);
  assert.equal(judge(challenge, ...echo("V")), undefined);
  assert.equal(judge(withHeader(signed, SIGNATURE, "0"), ...problem(401)), undefined);
  assert.equal(judge(signedPost({ ...members, webhookId: 5 }), ...problem(403)), undefined);
  assert.equal(judge(signedPost({ ...members, nonce: undefined }), ...problem(400)), undefined);
  assert.equal(judge({ ...signed, method: "PUT" }, ...problem(405, { Allow: "POST" })), undefined);
  assert.equal(judge({ ...signed, target: "/webhook/" }, ...problem(404)), undefined);
  assert.equal(judge(signed, ...problem(503, { "Retry-After": "30" }), 4001), undefined);
});

test("wrongWith() finds each wrong answer", () => {
  const wrong: readonly (string | undefined)[] = [
    // A callback that isn't answered 200, and what is answered 200 though it isn't one.
    judge(signed, ...problem(401)),
    judge(signed, ...problem(503, { "Retry-After": "30" })),
    judge(signed, 500),
    judge(withHeader(signed, SIGNATURE, "0"), 200),
    judge(signedPost({ ...members, events: [5] }), 200),
    judge({ ...signed, method: "PUT" }, 200),
    judge({ ...signed, target: "/webhook/" }, 200),
    // What disables a webhook.
    ...[201, 202, 204, 301, 308, 410].map((status) => judge(signed, status)),
    judge({ ...signed, target: "/webhook/" }, 308),
    // Challenges.
    judge(challenge, 200),
    judge(challenge, ...echo("W")),
    judge(challenge, ...echo("W", "V")),
    judge(signed, ...echo("V")),
    judge(withHeader(signed, CHALLENGE, "V"), 200),
    judge(withHeader(challenge, CHALLENGE, "a b"), ...echo("a b")),
    // The form of a refusal.
    judge(withHeader(signed, SIGNATURE, "0"), 401, "no", { "Content-Type": "text/plain" }),
    judge(withHeader(signed, SIGNATURE, "0"), 401, '{"status":400}', problem(401)[2]),
    judge({ ...signed, method: "PUT" }, ...problem(405)),
    // What mustn't get out.
    judge(signed, 200, WEBHOOKS[0]![1]),
    judge(signed, 200, "", { "X-Secret": WEBHOOKS[1]![1] }),
    judge(withHeader(signed, SIGNATURE, "0"), 401, "TypeError: x\n    at f (file:///a.ts:1:2)", problem(401)[2]),
    wrongWith("closed", expectationOf(signed), 1),
    wrongWith("silent", expectationOf(signed), 1),
  ];
  assert.deepEqual(wrong.map((text) => typeof text), wrong.map(() => "string"), JSON.stringify(wrong, null, 2));
});
