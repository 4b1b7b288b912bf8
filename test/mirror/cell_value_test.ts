import assert from "node:assert/strict";
import { test } from "node:test";
import type { Cell } from "../../src/api/sheet.ts";
import { readCellValue } from "../../src/mirror/values/cell_value.ts";

const read = (type: string | undefined, cell: Omit<Cell, "columnId">) => readCellValue({ columnId: 1, ...cell }, type);

test("readCellValue() reads text, numbers, checkboxes, dates, symbols and results of formulas as they are", () => {
  assert.equal(read("TEXT_NUMBER", { value: "Rope", displayValue: "Rope" }), "Rope");
  assert.equal(read("TEXT_NUMBER", { value: 1234.5, displayValue: "$1,234.50", objectValue: 1234.5 }), 1234.5);
  assert.equal(read("TEXT_NUMBER", { value: 0 }), 0);
  assert.equal(read("TEXT_NUMBER", { value: 3, formula: "=A1 + 1" }), 3);
  assert.equal(read("TEXT_NUMBER", { value: "#CIRCULAR REFERENCE", formula: "=A1" }), "#CIRCULAR REFERENCE");
  assert.equal(read("CHECKBOX", { value: false }), false);
  assert.equal(read("PICKLIST", { value: "Red" }), "Red");
  assert.equal(read("PICKLIST", { value: 5 }), 5);
  assert.equal(
    read("DATE", { value: "2026-11-22", objectValue: { objectType: "DATE", value: "2026-11-22" } }),
    "2026-11-22",
  );
  assert.equal(read("DATE", { value: "next week" }), "next week");
  assert.equal(read("DATETIME", { value: "2026-11-22T07:40:32Z" }), "2026-11-22T07:40:32Z");
  assert.equal(read("DURATION", { value: "4d 6h", displayValue: "4d 6h" }), "4d 6h");
  assert.equal(read("DURATION", { objectValue: { objectType: "DURATION", days: 2, elapsed: true } }), "e2d");
  assert.equal(read("DURATION", { objectValue: { objectType: "DURATION", days: 2, negative: true } }), "-2d");
  assert.equal(read("PREDECESSOR", { value: "2FS +1d" }), "2FS +1d");
  assert.equal(read("TEXT_NUMBER", { value: "Docs", hyperlink: { url: "https://example.com" } }), "Docs");
  assert.equal(read(undefined, { value: "of a column that is gone" }), "of a column that is gone");
});

test("readCellValue() reads empty cells of all types as null", () => {
  for (
    const type of [
      "TEXT_NUMBER",
      "CHECKBOX",
      "DATE",
      "DURATION",
      "CONTACT_LIST",
      "MULTI_CONTACT_LIST",
      "MULTI_PICKLIST",
    ]
  ) {
    assert.equal(read(type, {}), null, type);
    assert.equal(read(type, { value: "" }), null, type);
    assert.equal(read(type, { value: null }), null, type);
  }
  assert.equal(read("MULTI_PICKLIST", { objectValue: { objectType: "MULTI_PICKLIST", values: [] } }), null);
});

test("readCellValue() reads a contact with its name, wherever the answer has it", () => {
  const ada = { email: "ada@example.com", name: "Ada Lovelace" };
  assert.deepEqual(read("CONTACT_LIST", { value: ada.email, objectValue: { objectType: "CONTACT", ...ada } }), ada);
  assert.deepEqual(read("CONTACT_LIST", { value: ada.email, displayValue: ada.name }), ada);
  assert.deepEqual(read("CONTACT_LIST", { value: ada.email, displayValue: ada.email }), { email: ada.email });
  assert.equal(read("CONTACT_LIST", { value: "to be hired", displayValue: "to be hired" }), "to be hired");
  assert.equal(read("CONTACT_LIST", { value: 5, formula: "=1 + 4" }), 5);
});

test("readCellValue() reads lists of contacts and of choices, also a list of one", () => {
  const ada = { email: "ada@example.com", name: "Ada Lovelace" };
  const values = [{ objectType: "CONTACT", ...ada }, { objectType: "CONTACT", name: "Drivers" }];
  const objectValue = { objectType: "MULTI_CONTACT", values };
  assert.deepEqual(read("MULTI_CONTACT_LIST", { value: "Ada Lovelace, Drivers", objectValue }), [ada, "Drivers"]);
  assert.deepEqual(read("MULTI_CONTACT_LIST", { value: ada.name, objectValue: values[0] }), [ada]);
  assert.deepEqual(
    read("MULTI_PICKLIST", { value: "a, b", objectValue: { objectType: "MULTI_PICKLIST", values: ["a, b"] } }),
    [
      "a, b",
    ],
  );
});

test("readCellValue() splits the text of a list where the answer has nothing better", () => {
  assert.deepEqual(read("MULTI_PICKLIST", { value: "red, blue" }), ["red", "blue"]);
  assert.deepEqual(read("MULTI_CONTACT_LIST", { value: "Ada Lovelace, bob@example.com" }), [
    "Ada Lovelace",
    { email: "bob@example.com" },
  ]);
});
