import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { SheethookError } from "../../src/errors.ts";
import { readCellValue } from "../../src/mirror/values/cell_value.ts";
import { isSameValue, type Value } from "../../src/mirror/values/value.ts";
import { type NewValue, writeCell } from "../../src/mirror/values/write_cell.ts";
import { answerTo, column, storeRow, TYPES } from "./sample.ts";

const written = (type: string, value: NewValue, more = {}) => {
  const { columnId: _, ...content } = writeCell(column(1, "Cell", type, more), value, (rowNumber) => rowNumber + 100);
  return content;
};

test("writeCell() writes plain values strictly, so that nothing is taken for something else", () => {
  assert.deepEqual(written("TEXT_NUMBER", "50%"), { value: "50%" });
  assert.deepEqual(written("TEXT_NUMBER", -1.5), { value: -1.5 });
  assert.deepEqual(written("CHECKBOX", false), { value: false });
  assert.deepEqual(written("DATE", "2028-02-29"), { value: "2028-02-29" });
  assert.deepEqual(written("ABSTRACT_DATETIME", "2026-11-22T08:00:00"), { value: "2026-11-22T08:00:00" });
  assert.deepEqual(written("DURATION", "4d 6h"), { value: "4d 6h" });
  assert.deepEqual(written("DURATION", 3), { value: 3, strict: false });
  assert.deepEqual(written("SOMETHING_NEW", "text"), { value: "text" });
});

test("writeCell() empties a cell of any type", () => {
  for (const type of TYPES) {
    for (const empty of [null, "", []]) assert.deepEqual(written(type, empty), { value: null }, type);
  }
});

test("writeCell() writes contacts by e-mail address or whole, and lists as objects", () => {
  const ada = { email: "ada@example.com", name: "Ada Lovelace" };
  assert.deepEqual(written("CONTACT_LIST", ada), { value: ada.email, displayValue: ada.name });
  assert.deepEqual(written("CONTACT_LIST", ada.email), { value: ada.email });
  const objectValue = {
    objectType: "MULTI_CONTACT",
    values: [{ objectType: "CONTACT", ...ada }, { objectType: "CONTACT", email: "bob@example.com" }, {
      objectType: "CONTACT",
      name: "Drivers",
    }],
  };
  assert.deepEqual(written("MULTI_CONTACT_LIST", [ada, "bob@example.com", "Drivers"]), { objectValue });
  assert.deepEqual(written("MULTI_CONTACT_LIST", ada), {
    objectValue: { ...objectValue, values: [objectValue.values[0]] },
  });
  assert.deepEqual(written("MULTI_PICKLIST", ["a, b", "c"]), {
    objectValue: { objectType: "MULTI_PICKLIST", values: ["a, b", "c"] },
  });
});

test("writeCell() takes what a dropdown takes: its choices strictly, others unless it is restricted", () => {
  const options = ["Open", "1"];
  assert.deepEqual(written("PICKLIST", "Open", { options }), { value: "Open" });
  assert.deepEqual(written("PICKLIST", "Later", { options }), { value: "Later", strict: false });
  assert.deepEqual(written("PICKLIST", 1, { options, validation: true }), { value: 1, strict: false });
  assert.throws(
    () => written("PICKLIST", "Later", { options, validation: true }),
    /should be one of "Open", "1", or null$/,
  );
  assert.throws(
    () => written("MULTI_PICKLIST", ["Open", "Later"], { options, validation: true }),
    /a list of "Open", "1"/,
  );
});

test("writeCell() writes predecessors by row id, also where text names them by row number", () => {
  const lag = { objectType: "DURATION", days: 3, hours: 4 };
  const predecessors = [{ rowId: 112, type: "FS", lag }, { rowId: 114, type: "SS" }];
  const objectValue = { objectType: "PREDECESSOR_LIST", predecessors };
  assert.deepEqual(written("PREDECESSOR", "12FS +3d 4h, 14SS"), { objectValue });
  assert.deepEqual(written("PREDECESSOR", [{ rowId: 112, lag: "3d 4h" }, { rowId: 114, type: "SS" }]), { objectValue });
  assert.deepEqual(written("PREDECESSOR", "2 -e1.5d"), {
    objectValue: {
      ...objectValue,
      predecessors: [{
        rowId: 102,
        type: "FS",
        lag: { objectType: "DURATION", days: 1.5, elapsed: true, negative: true },
      }],
    },
  });
  for (const value of ["soon", "2XX", "2FS +soon", "2FS +1d 2d"]) {
    assert.throws(() => written("PREDECESSOR", value), /"2FS \+1d" with the numbers of rows/, value);
  }
  assert.throws(() => writeCell(column(1, "After", "PREDECESSOR"), "2FS"), /a list of \{ rowId, type, lag \}/);
  assert.throws(
    () => writeCell(column(1, "After", "PREDECESSOR"), "2FS", () => undefined),
    /numbers of rows of the sheet/,
  );
});

test("writeCell() writes formulas, links and, on request, what only a person could type", () => {
  assert.deepEqual(written("DATE", { formula: "=TODAY()" }), { formula: "=TODAY()" });
  const url = "https://example.com";
  assert.deepEqual(written("TEXT_NUMBER", { url, text: "Docs" }), { value: "Docs", hyperlink: { url } });
  assert.deepEqual(written("TEXT_NUMBER", { sheetId: 5 }), { value: null, hyperlink: { sheetId: 5 } });
  assert.deepEqual(written("DATE", { value: "next week", strict: false }), { value: "next week", strict: false });
  assert.throws(() => written("DATE", { formula: "TODAY()" }), /a formula that begins with "="/);
  assert.deepEqual(written("TEXT_NUMBER", { url, sheetId: 5, text: "Orders" }), {
    value: "Orders",
    hyperlink: { sheetId: 5 },
  });
  for (
    const link of [{ url: 5 }, { url: "" }, { sheetId: 5, reportId: 6 }, { sheetId: "5" }, { url, title: "x" }, {
      url,
      text: 5,
    }]
  ) {
    assert.throws(() => written("TEXT_NUMBER", link as unknown as NewValue), /a link/, JSON.stringify(link));
  }
  assert.throws(() => written("DATE", { value: "x", strict: true } as unknown as NewValue), /strict: false/);
});

test("writeCell() says of what it refuses column, type, what it is and what it should be", () => {
  assert.throws(
    () => writeCell(column(1, "Due", "DATE"), "22.11.2026"),
    (error) => {
      assert.ok(error instanceof SheethookError);
      assert.equal(error.code, "value_invalid");
      assert.equal(
        error.message,
        'Value of DATE column "Due" is "22.11.2026", but should be a date such as "2026-11-22", null, or ' +
          "{ value, strict: false } to keep what was typed",
      );
      return true;
    },
  );
  const refused: [string, unknown][] = [
    ["TEXT_NUMBER", true],
    ["TEXT_NUMBER", NaN],
    ["TEXT_NUMBER", 2 ** 60],
    ["TEXT_NUMBER", "x".repeat(4001)],
    ["TEXT_NUMBER", undefined],
    ["TEXT_NUMBER", new Date()],
    ["TEXT_NUMBER", ["a"]],
    ["TEXT_NUMBER", 5n],
    ["CHECKBOX", "true"],
    ["DATE", "2026-02-30"],
    ["DATE", new Date()],
    ["ABSTRACT_DATETIME", "2026-11-22T25:00:00"],
    ["DURATION", "soon"],
    ["TEXT_NUMBER", -(2 ** 53) - 2],
    ["ABSTRACT_DATETIME", "2026-11-22T24:00:00"],
    ["CONTACT_LIST", "Ada"],
    ["CONTACT_LIST", ["ada@example.com"]],
    ["MULTI_CONTACT_LIST", [5]],
    ["MULTI_CONTACT_LIST", [{ email: "Ada" }]],
    ["MULTI_PICKLIST", [1]],
    ["PREDECESSOR", [{ rowId: "5" }]],
  ];
  for (const [type, value] of refused) {
    assert.throws(() => written(type, value as NewValue), { code: "value_invalid" }, `${type} ${String(value)}`);
  }
  assert.throws(
    () => written("TEXT_NUMBER", "x", { systemColumnType: "AUTO_NUMBER" }),
    /left out: Smartsheet fills in this column itself/,
  );
});

const text = fc.string({ minLength: 1, maxLength: 50, unit: "grapheme" });
const email = fc.stringMatching(/^[a-z]{1,9}@[a-z]{1,9}\.com$/);
const contact = fc.record({ email, name: text }).map(({ email, name }) => name === email ? { email } : { email, name });
const date = fc.date({ min: new Date("1900-01-01"), max: new Date("2999-12-31"), noInvalidDate: true })
  .map((date) => date.toISOString());
const list = <T>(item: fc.Arbitrary<T>) => fc.array(item, { minLength: 1, maxLength: 5 });
const lag = fc.tuple(fc.constantFrom("+", "-"), fc.integer({ min: 1, max: 99 }), fc.integer({ min: 1, max: 99 }));
const predecessor = fc.tuple(
  fc.integer({ min: 1, max: 20_000 }),
  fc.constantFrom("FS", "FF", "SS", "SF"),
  fc.option(lag.map(([sign, days, hours]) => ` ${sign}${days}d ${hours}h`), { nil: "" }),
).map((parts) => parts.join(""));
const valuesOf: Record<string, fc.Arbitrary<NonNullable<Value>>> = {
  TEXT_NUMBER: fc.oneof(text, fc.double({ noNaN: true, min: -(2 ** 53), max: 2 ** 53 })),
  CHECKBOX: fc.boolean(),
  DATE: date.map((date) => date.slice(0, 10)),
  ABSTRACT_DATETIME: date.map((date) => date.slice(0, 19)),
  DURATION: fc.integer({ min: 1, max: 999 }).map((days) => `${days}d 6h`),
  PREDECESSOR: list(predecessor).map((list) => list.join(", ")),
  CONTACT_LIST: fc.oneof(contact, email.map((email) => ({ email }))),
  MULTI_CONTACT_LIST: list(fc.oneof(contact, text.filter((text) => !text.includes("@")))),
  PICKLIST: fc.oneof(text, fc.integer()),
  MULTI_PICKLIST: list(text),
};

test("writeCell() writes a link that was read, and it reads the same", () => {
  const target = column(1, "Docs");
  const link = { url: "https://example.com", text: "Docs" };
  const read = (value: NewValue) =>
    storeRow({ id: 5, cells: [answerTo(writeCell(target, value), target)] }).cells.get(1)!;
  const { value, hyperlink } = read(link);
  assert.deepEqual({ ...hyperlink, text: value }, link);
  assert.deepEqual(read({ ...hyperlink, text: value as string }), read(link));
  assert.equal(read({ url: link.url }).value, link.url);
});

for (const type of TYPES) {
  test(`writeCell() and readCellValue(): what was read can be written, and reads the same, in a column of type ${type}`, () => {
    const target = column(1, "Cell", type);
    const writeAndRead = (value: Value) => {
      const cell = writeCell(target, value, (rowNumber) => rowNumber + 100);
      return readCellValue(answerTo(cell, target, (rowId) => rowId - 100), type);
    };
    fc.assert(fc.property(fc.option(valuesOf[type]!), (value) => {
      const read = writeAndRead(value);
      assert.ok(isSameValue(value, read), JSON.stringify([value, read]));
      assert.deepEqual(writeAndRead(read), read);
    }));
  });
}
