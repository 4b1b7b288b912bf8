import assert from "node:assert/strict";
import { inspect } from "node:util";
import { test } from "node:test";
import { redact, registerSecret } from "../src/redact.ts";

const TOKEN = "llk2x0u8s9rq4z7hv1y3wm5nbc";

test("redact() takes out what header fields carry, however the text is made of them", () => {
  const headers = {
    Authorization: `Bearer ${TOKEN}`,
    "proxy-authorization": TOKEN,
    Cookie: `a="${TOKEN}"; b=${TOKEN}`,
    "set-cookie": [`a=${TOKEN}; HttpOnly`, `b=${TOKEN}`],
    "X-Api-Key": TOKEN,
    "Smartsheet-Hmac-SHA256": TOKEN,
    access_token: TOKEN,
    client_secret: TOKEN,
    sharedSecret: TOKEN,
    password: TOKEN,
  };
  const raw = Object.entries(headers).flat(2).map(String);
  const texts = [
    JSON.stringify({ headers }),
    JSON.stringify({ headers }, null, 2),
    JSON.stringify({ body: JSON.stringify({ headers: { Authorization: TOKEN, "X-Api-Key": TOKEN } }) }),
    inspect({ config: { headers } }, { depth: 9 }),
    inspect({ config: { headers } }, { depth: 9, breakLength: Infinity }),
    inspect(raw.filter((text) => text !== headers["set-cookie"][1])),
    ...Object.entries(headers).flatMap(([name, value]) => [`${name}: ${value}`, `${name}=${value}`]),
    `POST / HTTP/1.1\r\nAuthorization: ${TOKEN}\r\nCookie: a=${TOKEN}\r\nHost: a`,
    `curl -H 'Authorization: Bearer ${TOKEN}' https://api.smartsheet.com`,
    `request with bearer ${TOKEN} failed`,
    "Authorization header is Basic dXNlcjpwYXNzd29yZA==",
    `connect to postgres://user:${TOKEN}@localhost:5432/db`,
    `GET https://example.com/a?x=1&access_token=${TOKEN}&y=2`,
  ];
  for (const text of texts) {
    const result = redact(text);
    assert.ok(!result.includes(TOKEN) && !result.includes("dXNlcjpw"), result);
    assert.match(result, /\*\*\*/);
  }
  assert.equal(redact(texts.at(-2)!), "connect to postgres://user:***@localhost:5432/db");
  assert.equal(redact(texts.at(-1)!), "GET https://example.com/a?x=1&access_token=***&y=2");
});

test("redact() takes out a registered secret wherever it stands, also encoded", () => {
  registerSecret('kept +/apart"7');
  registerSecret("a");
  assert.equal(redact('a text: "kept +/apart"7".'), 'a text: "***".');
  assert.equal(redact(JSON.stringify({ a: 'kept +/apart"7' })), '{"a":"***"}');
  assert.equal(redact(`x${encodeURIComponent('kept +/apart"7')}y`), "x***y");
});

test("redact() leaves alone what holds no secret", () => {
  const texts = [
    "Accepted callback 0fcb8d84-f214-49c3-bd91-a7b91661ad6b of webhook 8958534189639556",
    "TypeError: fetch failed\n    at run (file:///srv/app/handlers.ts:3:5)\nCaused by: Error: connect ECONNREFUSED ::1:80",
    "SMARTSHEET_ACCESS_TOKEN isn't set: it should be an access token of Smartsheet's",
    "signature is wrong (webhook 1): is the secret this webhook's sharedSecret?",
    "Basic authentication isn't supported, a Bearer token is: see https://example.com/?page=2",
  ];
  for (const text of texts) assert.equal(redact(text), text);
});

test("redact() takes no more than its time for a long text", () => {
  const long = [
    `${"a-".repeat(50_000)}`,
    `"cookie": "${"\\".repeat(50_000)}`,
    "password ".repeat(10_000),
    "[".repeat(50_000),
  ];
  const startedAt = performance.now();
  for (const text of long) redact(text);
  // A regular expression that goes back and forth would take minutes.
  assert.ok(performance.now() - startedAt < 20_000);
});
