import assert from "node:assert/strict";
import { test } from "node:test";
import { EVENT_TYPES, OBJECT_TYPES, unknownInPattern } from "../../src/callback/known_types.ts";

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
