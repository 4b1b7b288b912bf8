import assert from "node:assert/strict";
import { test } from "node:test";
import { parseRateLimit } from "../../src/api/rate_limit.ts";

const NOW = Date.UTC(2026, 10, 29, 12);

function parse(remaining: string | undefined, reset: string | undefined, limit?: string) {
  const headers = new Headers();
  if (remaining !== undefined) headers.set("x-ratelimit-remaining", remaining);
  if (reset !== undefined) headers.set("x-ratelimit-reset", reset);
  if (limit !== undefined) headers.set("x-ratelimit-limit", limit);
  return parseRateLimit(headers, NOW);
}

test("parseRateLimit() reads the end of the period in each unit, at most 5 minutes from now", () => {
  const inAMinute = { remaining: 7, limit: 9, until: NOW + 60_000 };
  for (const reset of ["60", String(NOW / 1000 + 60), String(NOW + 60_000), new Date(NOW + 60_000).toUTCString()]) {
    assert.deepEqual(parse("7", reset, "9"), inAMinute, reset);
  }
  assert.deepEqual(parse("0", "3600"), { remaining: 0, limit: 0, until: NOW + 300_000 });
});

test("parseRateLimit() gives nothing for a period that is over, and for what can't be read", () => {
  const past = new Date(NOW - 1000).toUTCString();
  for (const reset of [undefined, "", "0", "-5", "soon", String(NOW), String(NOW / 1000 - 1), past]) {
    assert.equal(parse("7", reset, "9"), undefined, reset);
  }
  for (const remaining of [undefined, "", "some", "7 of 9"]) assert.equal(parse(remaining, "60", "9"), undefined);
});
