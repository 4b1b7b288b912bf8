// Types: what is wrong here is found by the type check, not by running it.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as v from "valibot";
import { type Change, createChange } from "../../src/mirror/change.ts";
import {
  type ChangeFilter,
  type ChangeFor,
  type KnownOptions,
  parseChangeFilter,
} from "../../src/mirror/filter/change_filter.ts";
import { compareRows, differenceOfEvents } from "../../src/mirror/derive/compare.ts";
import { storeChange } from "../../src/mirror/derive/stored_change.ts";
import type { StandardSchema } from "../../src/mirror/filter/standard_schema.ts";
import type { Cells, Value } from "../../src/mirror/values/value.ts";
import { choices, column, row, SHEET } from "./sample.ts";

type CellsById = Record<number, unknown> | undefined;

function change(before: CellsById, after: CellsById, sheet = SHEET): Change {
  const [from, to] = [before, after].map((cells) => cells && row(5, cells, sheet.columns));
  const rest = { rowId: 5, by: undefined, source: "callback", events: [] } as const;
  return createChange(
    storeChange(compareRows(from, to, sheet.columns)!, { ...rest, before: from, after: to }),
    sheet,
    [],
  );
}
const matches = (filter: ChangeFilter, of: Change) => parseChangeFilter(filter).matches(of);

const created = change(undefined, { 1: "Rope", 2: "Open" });
const approved = change({ 1: "Rope", 2: "Open" }, { 1: "Rope", 2: "Approved" });
const deleted = change({ 1: "Rope", 2: "Approved" }, undefined);

test("parseChangeFilter() without options matches every change", () => {
  for (const each of [created, approved, deleted]) {
    assert.ok(matches({}, each));
    assert.ok(parseChangeFilter().matches(each));
  }
});

test("parseChangeFilter() matches by sheet and by kind, one or several", () => {
  assert.ok(matches({ sheet: 77 }, approved));
  assert.ok(matches({ sheet: [1, 77] }, deleted));
  assert.ok(!matches({ sheet: 1 }, approved));
  assert.ok(matches({ kind: "deleted" }, deleted));
  assert.ok(!matches({ kind: "deleted" }, approved));
  assert.ok(matches({ kind: ["created", "deleted"] }, created));
  assert.ok(!matches({ kind: ["created", "deleted"] }, approved));
});

test("parseChangeFilter() says of which sheets it asks for changes", () => {
  const { asksFor } = parseChangeFilter({ sheet: [77, 78] });
  assert.deepEqual([77, 78, 79].map(asksFor), [true, true, false]);
  assert.ok(parseChangeFilter({ column: "Status" }).asksFor(79));
});

test("parseChangeFilter() matches a column that changed: in a created row each filled one, in a deleted one only if asked for", () => {
  assert.ok(matches({ column: "Status" }, approved));
  assert.ok(matches({ column: 2 }, approved));
  assert.ok(matches({ column: ["Item", "Status"] }, approved));
  assert.ok(!matches({ column: "Item" }, approved));
  assert.ok(!matches({ column: ["Item", 3] }, approved));
  assert.ok(matches({ column: "Status" }, created));
  assert.ok(!matches({ column: "Owner" }, created));
  assert.ok(!matches({ column: "Status" }, deleted));
  assert.ok(!matches({ from: "Approved" }, deleted));
  assert.ok(matches({ column: "Status", kind: "deleted" }, deleted));
  assert.ok(matches({ column: "Status", kind: "deleted", from: "Approved", to: null }, deleted));
  assert.ok(!matches({ column: "Owner", kind: "deleted" }, deleted));
});

test("parseChangeFilter() matches values before and now, of one and the same column", () => {
  assert.ok(matches({ column: "Status", to: "Approved" }, approved));
  assert.ok(matches({ column: "Status", from: "Open", to: "Approved" }, approved));
  assert.ok(!matches({ column: "Status", to: "Open" }, approved));
  assert.ok(!matches({ column: "Status", from: null }, approved));
  assert.ok(matches({ column: "Status", from: null, to: "Open" }, created));
  assert.ok(!matches({ column: "Item", to: "Approved" }, approved));
  assert.ok(matches({ to: "Approved" }, approved));
  const both = change({ 1: "a", 2: "Open" }, { 1: "b", 2: "Approved" });
  assert.ok(matches({ column: ["Item", "Status"], from: "a", to: "b" }, both));
  assert.ok(!matches({ column: ["Item", "Status"], from: "a", to: "Approved" }, both));
});

test("parseChangeFilter() asks a function about the value", () => {
  const asked: Value[] = [];
  const isLong = (value: Value) => asked.push(value) > 0 && String(value).length > 4;
  assert.ok(matches({ column: "Status", to: isLong }, approved));
  assert.ok(!matches({ column: "Status", from: isLong }, approved));
  assert.deepEqual(asked, ["Approved", "Open"]);
  const late = (() => Promise.resolve(false)) as unknown as () => boolean;
  assert.throws(() => matches({ to: late }, approved), /onChange: to returned a promise/);
  const broken = new Error("broken");
  assert.throws(() =>
    matches({
      to: () => {
        throw broken;
      },
    }, approved), broken);
});

test("parseChangeFilter() never matches from where the value before is unknown", () => {
  const after = row(5, { 2: "Open" });
  const unseen = createChange(
    storeChange(differenceOfEvents("updated", [2], after, SHEET.columns), {
      rowId: 5,
      before: undefined,
      after,
      by: undefined,
      source: "callback",
      events: [],
    }),
    SHEET,
    [],
  );
  assert.ok(matches({ column: "Status", to: "Open" }, unseen));
  assert.ok(!matches({ column: "Status", from: null }, unseen));
  assert.ok(!matches({ column: "Status", from: () => true }, unseen));
});

test("parseChangeFilter() knows contacts by e-mail address, and lists by content", () => {
  const owner = { value: "ada@example.com", displayValue: "Ada Lovelace" };
  const team = {
    value: "Bob, Ada",
    objectValue: {
      objectType: "MULTI_CONTACT",
      values: [{ email: "bob@example.com", name: "Bob" }, { email: "ada@example.com" }],
    },
  };
  const of = change({}, { 3: owner, 4: choices("red", "blue"), 5: team });
  for (const to of ["ada@example.com", "ADA@example.com", { email: "ada@example.com" }]) {
    assert.ok(matches({ column: "Owner", to }, of), JSON.stringify(to));
  }
  assert.ok(matches({ column: "Owner", to: { email: "ada@example.com", name: "Ada Lovelace" } }, of));
  assert.ok(!matches({ column: "Owner", to: { email: "ada@example.com", name: "Another" } }, of));
  assert.ok(!matches({ column: "Owner", to: "Ada Lovelace" }, of));
  assert.ok(matches({ column: "Tags", to: ["blue", "red"] }, of));
  assert.ok(!matches({ column: "Tags", to: ["blue"] }, of));
  assert.ok(!matches({ column: "Tags", to: "red, blue" }, of));
  assert.ok(matches({ column: "Team", to: ["ada@example.com", { email: "bob@example.com" }] }, of));
  assert.ok(!matches({ column: "Team", to: ["ada@example.com", "ada@example.com"] }, of));
});

test("parseChangeFilter() looks titles up in each sheet when it matches; an id is never refused", () => {
  assert.throws(() => matches({ column: "Statsu" }, approved), {
    code: "column_unknown",
    message: /did you mean "Status"\? The columns are "Item", "Status", "Owner", "Tags", "Team"$/,
  });
  assert.throws(() => matches({ column: "Statsu", kind: "deleted" }, approved), { code: "column_unknown" });
  assert.ok(!matches({ column: "Statsu", sheet: 1 }, approved), "a sheet that isn't meant");
  const twins = { ...SHEET, columns: [...SHEET.columns, column(6, "Status")] };
  assert.throws(() => matches({ column: "Status" }, change({ 2: "a" }, { 2: "b" }, twins)), /use an id, 2 or 6/);
  assert.ok(matches({ column: 2 }, change({ 2: "a" }, { 2: "b" }, twins)));
  assert.ok(!matches({ column: 999 }, approved));
});

test("parseChangeFilter() says that a handler for all sheets may name its own, where no title is similar", () => {
  const hint = /^No column has the title "Left": if the handler isn't for this sheet, name .* The columns are "Item"/;
  assert.throws(() => matches({ column: "Left" }, approved), { code: "column_unknown", message: hint });
  const plain = /^No column has the title "Left": The columns are "Item"/;
  assert.throws(() => matches({ column: "Left", sheet: SHEET.id }, approved), {
    code: "column_unknown",
    message: plain,
  });
});

test("parseChangeFilter() refuses what can't be meant, and says what should be", () => {
  const refused: [unknown, RegExp][] = [
    [null, /Filter of onChange\(\) is null, but should be an object/],
    ["Status", /Filter of onChange\(\) is "Status"/],
    [["Status"], /Filter of onChange\(\) is a list/],
    [{ columns: "Status" }, /onChange\(\) has no option "columns": did you mean column\?/],
    [{ sheet: [] }, /onChange: sheet is a list, but should be at least one/],
    [{ sheet: "77" }, /onChange: sheet is "77"/],
    [{ sheet: [77, 0] }, /onChange: sheet is 0/],
    [{ kind: "update" }, /onChange: kind is "update", but should be one of "created", "updated", "deleted"/],
    [{ kind: [] }, /onChange: kind/],
    [{ column: "" }, /onChange: column is "", but should be a title or an id/],
    [{ column: [] }, /onChange: column/],
    [{ column: ["Status", true] }, /onChange: column is true/],
    [{ column: 1.5 }, /onChange: column is 1.5/],
    [{ to: [] }, /onChange: to is a list, but should be a list with at least one item; null/],
    [{ to: "" }, /onChange: to is "", but should be null/],
    [{ to: new Date() }, /onChange: to is an object/],
    [{ from: NaN }, /onChange: from is NaN/],
    [{ from: [1] }, /onChange: from is a list/],
    [{ schema: {} }, /onChange: schema is an object, but should be a Standard Schema/],
    [{ schema: "x" }, /onChange: schema is "x"/],
  ];
  for (const [filter, message] of refused) {
    assert.throws(
      () => parseChangeFilter(filter as ChangeFilter),
      { code: "option_invalid", message },
      JSON.stringify(filter),
    );
  }
  parseChangeFilter({ sheet: undefined, kind: undefined, column: undefined, from: undefined, to: undefined });
});

test("check() gives the cells that the schema makes, and keeps the rest of the row", async () => {
  const schema = v.object({ Item: v.pipe(v.string(), v.toUpperCase()), Status: v.picklist(["Open", "Approved"]) });
  const checked = await parseChangeFilter({ schema }).check(approved);
  assert.deepEqual(checked.row.cells, { Item: "ROPE", Status: "Approved" });
  assert.equal(checked.row.cell(1).value, "Rope");
  assert.equal(checked.before?.cells.Item, "Rope");
  assert.equal(parseChangeFilter({}).check(approved), approved);
});

test("check() refuses a row with the title of the column and why, also where the schema takes its time", async () => {
  const isLate = v.pipeAsync(v.string(), v.checkAsync(async () => false, "too late"));
  const later = v.objectAsync({ Item: v.string(), Status: isLate });
  await assert.rejects(async () => parseChangeFilter({ schema: v.object({ Item: v.number() }) }).check(approved), {
    code: "value_invalid",
    message:
      'Row 5 (id 5) of sheet "Orders" doesn\'t fit the schema: column "Item": Invalid type: Expected number but ' +
      'received "Rope"',
  });
  await assert.rejects(async () => parseChangeFilter({ schema: later }).check(approved), /column "Status": too late$/);
});

test("check() takes a schema that is a function, and an issue without a path", async () => {
  const whole: StandardSchema = Object.assign(
    () => {},
    {
      "~standard": {
        version: 1,
        vendor: "arktype",
        validate: () => ({ issues: [{ message: "must be another row" }] }),
      },
    } as const,
  );
  assert.throws(() => parseChangeFilter({ schema: whole }).check(approved), /the schema: must be another row$/);
});

test("identity is the same for the same filter, and tells others apart", () => {
  const schema = v.object({});
  function isBig(value: Value) {
    return Number(value) > 5;
  }
  const identity = (filter: ChangeFilter) => parseChangeFilter(filter).identity;
  assert.equal(identity({}), "onChange()");
  assert.equal(
    identity({ schema, to: isBig, kind: "created", column: ["b", "a", 5], sheet: [2, 1] }),
    'onChange(sheet=1,2 kind="created" column="a","b",5 to=function isBig schema=valibot)',
  );
  assert.equal(identity({ column: "a", from: null }), identity({ from: null, column: ["a"] }));
  const others: ChangeFilter[] = [
    { column: 5 },
    { column: "5" },
    { from: "5" },
    { to: "5" },
    { to: 5 },
    { to: "function isBig" },
    { to: isBig },
    { to: { email: "a" } },
    { to: ["a"] },
    { kind: "created" },
  ];
  assert.equal(new Set(others.map(identity)).size, others.length);
  assert.equal(identity({ to: { email: "a@b.c", name: "A" } }), identity({ to: { name: "A", email: "a@b.c" } }));
});

test("ChangeFor has the cells of the schema and the kinds that are asked for", () => {
  type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
  const isTrue = <T extends true>(value?: T) => value;
  // As receiver.onChange() is declared.
  function onChange<const Filter extends ChangeFilter>(
    filter: Filter & KnownOptions<Filter>,
    _handler: (change: ChangeFor<Filter>) => unknown,
  ) {
    parseChangeFilter(filter);
  }
  onChange({ schema: v.object({ Amount: v.number(), Note: v.nullable(v.string()) }) }, (change) => {
    isTrue<Equal<typeof change.row.cells.Amount, number>>();
    isTrue<Equal<typeof change.row.cells.Note, string | null>>();
    isTrue<Equal<NonNullable<typeof change.before>["cells"], Cells>>();
  });
  onChange({ column: "Status", to: (value) => isTrue<Equal<typeof value, Value>>() !== value }, (change) => {
    isTrue<Equal<typeof change.kind, "created" | "updated" | "deleted">>();
    isTrue<Equal<typeof change.row.cells, Cells>>();
  });
  onChange({ kind: "deleted" }, ({ before }) => before.cells);
  onChange({ kind: ["created", "updated"] }, ({ kind }) => isTrue<Equal<typeof kind, "created" | "updated">>());
  onChange({} as ChangeFilter, ({ kind }) => isTrue<Equal<typeof kind, "created" | "updated" | "deleted">>());
  // @ts-expect-error A kind is one of three.
  assert.throws(() => onChange({ kind: "changed" }, () => {}));
  // @ts-expect-error There is no such option.
  assert.throws(() => onChange({ columns: "Status" }, () => {}));
});
