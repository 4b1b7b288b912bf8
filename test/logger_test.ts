import assert from "node:assert/strict";
import { test } from "node:test";
import { delay } from "../src/async/delay.ts";
import { errorText } from "../src/error_text.ts";
import { SheethookError } from "../src/errors.ts";
import { createQuietLogger, formatMessage } from "../src/logger.ts";
import { registerSecret } from "../src/redact.ts";

const TOKEN = "llk2x0u8s9rq4z7hv1y3wm5nbc";

test("createQuietLogger() ignores what a logger throws or rejects with", async () => {
  const fails = () => {
    throw new Error("no");
  };
  const rejects = () => Promise.reject(new Error("no"));
  const quiet = createQuietLogger({ debug: fails, info: rejects, warn: async () => await rejects(), error: fails });
  for (const level of ["debug", "info", "warn", "error"] as const) quiet[level]("a {b}", { b: 1 });
  // An unhandled rejection fails this test, on all three.
  await delay(20);
});

test("createQuietLogger() hands on no secret, in whatever it is wrapped, and nothing else changed", () => {
  registerSecret(TOKEN);
  const seen: unknown[] = [];
  const write = (message: string, properties?: Record<string, unknown>) => void seen.push([message, properties]);
  const quiet = createQuietLogger({ debug: write, info: write, warn: write, error: write });
  const config = { headers: { authorization: `Basic ${TOKEN}x`, "X-API-Key": "k1", accept: "a" }, list: [TOKEN, 1] };
  const error = Object.assign(new Error(`for ${TOKEN}`, { cause: Object.assign(new Error("inner"), { config }) }), {
    config,
  });
  const date = new Date(0);
  quiet.info(`message ${TOKEN}`, {
    error,
    config,
    authorization: "k2",
    date,
    count: 1,
    nothing: undefined,
    name: "row",
  });
  const [[message, properties]] = seen as [[string, Record<string, unknown>]];
  assert.equal(message, "message ***");
  const { error: text, ...rest } = properties;
  assert.match(String(text), /^Error: for \*\*\*\n {4}at [^]*\nCaused by: Error: inner\n/);
  assert.deepEqual(rest, {
    config: { headers: { authorization: "***", "X-API-Key": "***", accept: "a" }, list: ["***", 1] },
    authorization: "***",
    date,
    count: 1,
    nothing: undefined,
    name: "row",
  });
  // What holds none is handed on as it is.
  const plain = { webhookId: 1, nonce: "0fcb8d84-f214-49c3-bd91-a7b91661ad6b" };
  quiet.warn("plain", plain);
  assert.equal((seen[1] as unknown[])[1], plain);
  const cycle: Record<string, unknown> = {};
  cycle.cycle = cycle;
  quiet.error("cycle", { cycle });
  assert.equal(seen.length, 3);
});

test("errorText() tells message, stack and causes, and holds 4,000 characters at most", () => {
  const cause = new SheethookError("timeout", "took over 5 ms");
  const error = new TypeError("fetch failed", {
    cause: new AggregateError([new Error("one"), new Error("two")], "all"),
  });
  (error.cause as Error).cause = cause;
  const lines = errorText(error).split("\n");
  assert.equal(lines[0], "TypeError: fetch failed");
  assert.match(lines[1]!, /^ {4}at .*logger_test/);
  assert.deepEqual(lines.filter((line) => !/^ {4}at /.test(line)), [
    "TypeError: fetch failed",
    "Caused by: AggregateError: all",
    "Caused by: took over 5 ms",
    "Caused by: Error: one",
    "Caused by: Error: two",
  ]);
  error.cause = error;
  assert.equal(errorText(error).match(/fetch failed/g)?.length, 1);
  const long = errorText(
    new Error("x".repeat(3_000_000), { cause: new Error("y".repeat(5000), { cause: new Error("z".repeat(5000)) }) }),
  );
  assert.ok(long.length <= 4000);
  assert.match(long, /^Error: x+ \.\.\. \(\d+ characters more\)\n {4}at /);
  assert.match(long, /\nCaused by: Error: y+ \.\.\. \(\d+ characters more\)\n/);
  assert.equal(errorText("text"), 'Thrown: "text"');
  assert.equal(
    errorText({ message: "Not Found", errorCode: 1006, statusCode: 404 }),
    "Thrown: Not Found (errorCode 1006, statusCode 404)",
  );
  assert.equal(errorText(Object.assign(new Error(""), { code: "ECONNREFUSED" })).split("\n")[0], "Error: ECONNREFUSED");
});

test("errorText() cuts no secret in half", () => {
  registerSecret(TOKEN);
  for (let length = 1400; length < 1520; length++) {
    assert.ok(!errorText(new Error(`${"x".repeat(length)}${TOKEN}`)).includes(TOKEN.slice(0, 4)), String(length));
  }
});

test("formatMessage() writes the stack and the causes behind the line, and no line of its own", () => {
  const text = formatMessage("failed: {reason}", {
    reason: "a\nERROR forged",
    error: "a\nERROR forged\n    at b\nCaused by: c\x1b[2J",
  });
  assert.equal(text, "sheethook: failed: a ERROR forged\n  ERROR forged\n      at b\n  Caused by: c\\u001b[2J");
  assert.equal(formatMessage("plain {x}", { error: "one line" }), "sheethook: plain {x}");
});
