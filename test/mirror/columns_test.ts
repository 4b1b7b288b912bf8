import assert from "node:assert/strict";
import { test } from "node:test";
import { SheethookError } from "../../src/errors.ts";
import { columnIdOf, columnOf } from "../../src/mirror/columns.ts";
import { column } from "./sample.ts";

const columns = [
  column(1, "Item"),
  column(2, "Status"),
  column(3, "Notes"),
  column(4, "Notes"),
  column(5, "__proto__"),
];
const messageOf = (call: () => unknown) => {
  try {
    call();
  } catch (error) {
    assert.ok(error instanceof SheethookError);
    assert.equal(error.code, "column_unknown");
    return error.message;
  }
  assert.fail("nothing was thrown");
};

test("columnOf() finds a column by title and by id", () => {
  assert.equal(columnOf(columns, "Status").id, 2);
  assert.equal(columnOf(columns, "__proto__").id, 5);
  assert.equal(columnOf(columns, 4).title, "Notes");
});

test("columnOf() names the titles that there are, the nearest first", () => {
  const titles = 'The columns are "Item", "Status", "Notes", "__proto__"';
  for (const title of ["Statsu", "status", "Status ", "STATUS"]) {
    assert.equal(
      messageOf(() => columnOf(columns, title)),
      `No column has the title ${JSON.stringify(title)}: did you mean "Status"? ${titles}`,
    );
  }
  assert.equal(messageOf(() => columnOf(columns, "Price")), `No column has the title "Price": ${titles}`);
  assert.equal(messageOf(() => columnOf(columns, "constructor")), `No column has the title "constructor": ${titles}`);
  assert.equal(messageOf(() => columnOf(columns, 9)), `No column has the id 9: ${titles}`);
});

test("columnIdOf() refuses a title that two columns have, but takes any id", () => {
  assert.match(
    messageOf(() => columnIdOf(columns, "Notes")),
    /^2 columns have the title "Notes": use an id, 3 or 4\. The columns are "Item",/,
  );
  assert.equal(columnIdOf(columns, 4), 4);
  assert.equal(columnIdOf(columns, 9), 9);
});

test("columnOf() doesn't fill its message with the titles of a very wide sheet", () => {
  const wide = Array.from({ length: 400 }, (_, index) => column(index + 1, `Column ${index} ${"x".repeat(10)}`));
  const message = messageOf(() => columnOf(wide, "Price"));
  assert.match(message, /"Column 49 x+" and 350 more$/);
});
