import assert from "node:assert/strict";
import { test } from "node:test";
import type { AnyEvent } from "../../src/callback/event.ts";
import { parsePattern } from "../../src/callback/pattern.ts";

const event = (objectType: string, eventType: string) => ({ objectType, eventType }) as AnyEvent;

test("parsePattern() matches either half, or any", () => {
  assert.ok(parsePattern("row.created")(event("row", "created")));
  assert.ok(!parsePattern("row.created")(event("row", "updated")));
  assert.ok(parsePattern("row.*")(event("row", "updated")));
  assert.ok(!parsePattern("row.*")(event("cell", "updated")));
  assert.ok(parsePattern("*.updated")(event("cell", "updated")));
  assert.ok(parsePattern("*.*")({ strange: 1 } as unknown as AnyEvent));
});

test("parsePattern() splits at the first dot, as event types of plans need it", () => {
  assert.ok(parsePattern("user.seatType.updated")(event("user", "seatType.updated")));
  assert.ok(!parsePattern("user.seatType.updated")(event("user", "updated")));
});

test("parsePattern() refuses what could never match, and says what it should be", () => {
  for (
    const pattern of ["", "row", "row.", ".created", "*", "ro*.created", "row.seat.*", "row created", " row.created"]
  ) {
    assert.throws(() => parsePattern(pattern), /"objectType\.eventType"/, pattern);
  }
});
