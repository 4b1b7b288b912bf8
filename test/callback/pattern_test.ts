import assert from "node:assert/strict";
import { test } from "node:test";
import type { AnyEvent } from "../../src/callback/event.ts";
import { parsePattern, unknownInPattern } from "../../src/callback/pattern.ts";
import { EVENT_TYPES, OBJECT_TYPES } from "../../src/smartsheet/event_types.ts";

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

test("unknownInPattern() lets through what Smartsheet documents, and says what was probably meant", () => {
  for (const objectType of [...OBJECT_TYPES, "*"]) {
    for (const eventType of [...EVENT_TYPES, "*"]) {
      assert.equal(unknownInPattern(`${objectType}.${eventType}`), undefined);
    }
  }
  assert.equal(
    unknownInPattern("row.createdd"),
    '"createdd" is no event type of a sheet (did you mean created?): it should be *, created, updated, deleted',
  );
  assert.match(unknownInPattern("rows.created")!, /^"rows" is no object type of a sheet \(did you mean row\?\): /);
  assert.match(unknownInPattern("Row.created")!, /did you mean row\?/);
  assert.match(
    unknownInPattern("user.seatType.updated")!,
    /^"user" is no object type of a sheet: it should be \*, attach/,
  );
});
