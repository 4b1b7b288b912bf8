import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Inbox } from "../../src/inbox/inbox.ts";
import type { InspectableInbox } from "../../src/inbox/inspect.ts";
import type { Change } from "../../src/mirror/change.ts";
import type { Value } from "../../src/mirror/values/value.ts";
import type { EditedValue, NewColumn } from "../../src/simulator/simulator.ts";
import { type Mirrored, withMirrored } from "../support/mirrored.ts";

type Edited = string | number | boolean | EditedValue;

/** What a person enters first and then, and what handlers get of it. */
interface Case {
  readonly column: Omit<NewColumn, "title">;
  readonly enter: readonly [Edited, Edited];
  readonly get: readonly [Value, Value];
}

const ann = { objectType: "CONTACT", email: "ann@example.com", name: "Ann" };
const bob = { objectType: "CONTACT", email: "bob@example.com" };
const team = (...values: unknown[]) => ({ objectValue: { objectType: "MULTI_CONTACT", values } });
const tags = (...values: string[]) => ({ objectValue: { objectType: "MULTI_PICKLIST", values } });
const same = <First extends Edited & Value, Second extends Edited & Value>(
  column: Omit<NewColumn, "title">,
  first: First,
  second: Second,
): Case => ({ column, enter: [first, second], get: [first, second] });

const CASES: Readonly<Record<string, Case>> = {
  text: same({}, "Rope, 20 m", "7 \u00fc \u{1F9F5} \"'\n"),
  number: same({}, 1.25, -3),
  checkbox: same({ type: "CHECKBOX" }, true, false),
  star: same({ type: "CHECKBOX", symbol: "STAR" }, true, false),
  date: same({ type: "DATE" }, "2026-11-22", "2027-01-01"),
  "date and time": same({ type: "ABSTRACT_DATETIME" }, "2026-11-22T08:00:00", "2026-11-23T17:30:00"),
  contact: {
    column: { type: "CONTACT_LIST" },
    enter: [{ value: "ann@example.com", displayValue: "Ann" }, "bob@example.com"],
    get: [{ email: "ann@example.com", name: "Ann" }, { email: "bob@example.com" }],
  },
  contacts: {
    column: { type: "MULTI_CONTACT_LIST" },
    enter: [team(ann, bob), team(bob)],
    get: [[{ email: "ann@example.com", name: "Ann" }, { email: "bob@example.com" }], [{ email: "bob@example.com" }]],
  },
  choice: same({ type: "PICKLIST", options: ["Open", "5"], validation: true }, "Open", "5"),
  choices: {
    column: { type: "MULTI_PICKLIST", options: ["red", "blue, dark"] },
    enter: [tags("red", "blue, dark"), tags("blue, dark")],
    get: [["red", "blue, dark"], ["blue, dark"]],
  },
  symbol: same({ type: "PICKLIST", symbol: "RYG" }, "Red", "Green"),
  duration: same({ type: "DURATION" }, "4d 6h", "2w"),
  link: {
    column: {},
    enter: [{ value: "Docs", hyperlink: { url: "https://example.com/a" } }, {
      value: "More",
      hyperlink: { url: "https://example.com/b" },
    }],
    get: ["Docs", "More"],
  },
};

/** What an emptied cell has. */
const emptyOf = (title: string) => CASES[title]!.column.type === "CHECKBOX" ? false : null;

/** A column of each type, and one that a handler copies its values to. */
const COLUMNS: readonly NewColumn[] = [
  { title: "Item" },
  ...Object.entries(CASES).flatMap((
    [title, { column }],
  ) => [{ ...column, title }, { ...column, title: `${title} too` }]),
];

/** Values of each type, as a person enters them, on the whole way to handlers, from these into the sheet, and back. */
export function valuesSuite(
  name: string,
  open: () => (Inbox & InspectableInbox) | Promise<Inbox & InspectableInbox>,
): void {
  async function within(
    columns: readonly NewColumn[],
    use: (world: Mirrored, changes: Change[]) => Promise<void>,
  ): Promise<void> {
    await withMirrored({ inbox: await open(), columns, receiver: { attempts: 1 } }, async (world) => {
      const changes: Change[] = [];
      await use(world, changes);
      assert.equal((await world.inbox.overview()).dead, 0, world.log.lines.join("\n"));
    });
  }
  /** The only change, which is taken. */
  function only(changes: Change[]): Change {
    assert.equal(changes.length, 1, JSON.stringify(changes));
    return changes.pop()!;
  }
  const of = (cells: Change["row"]["cells"], titles: readonly string[]) =>
    Object.fromEntries(titles.map((title) => [title, cells[title]]));

  describe(name, () => {
    it("come from a person to onChange(), go by updateRow() into the sheet, and come back the same", async () => {
      await within(COLUMNS, async ({ receiver, edit, settle }, changes) => {
        const titles = Object.keys(CASES);
        const copies = titles.map((title) => `${title} too`);
        const values = (index: 0 | 1) => titles.map((title) => CASES[title]!.get[index]);
        receiver.onChange(async function copy({ row, columns }, { updateRow }) {
          const copied = columns.filter(({ title }) => title in CASES).map((
            { title },
          ) => [`${title} too`, row.cells[title]!]);
          await updateRow(row, Object.fromEntries(copied));
        });
        receiver.onChange((change) => void changes.push(change));
        const enter = (index: 0 | 1, rowId?: number) =>
          edit(
            { Item: `v${index}`, ...Object.fromEntries(titles.map((title) => [title, CASES[title]!.enter[index]])) },
            rowId,
          );

        const rowId = enter(0);
        await settle();
        const created = only(changes);
        assert.deepEqual([created.kind, created.before], ["created", undefined]);
        assert.deepEqual(Object.values(of(created.row.cells, titles)), values(0));
        assert.deepEqual(created.columns.map(({ title, from, to }) => [title, from, to]), [
          ["Item", null, "v0"],
          ...titles.map((title, index) => [title, null, values(0)[index]]),
        ]);

        enter(1, rowId);
        await settle();
        const updated = only(changes);
        assert.deepEqual(Object.values(of(updated.before!.cells, titles)), values(0));
        assert.deepEqual(Object.values(of(updated.before!.cells, copies)), values(0));
        assert.deepEqual(Object.values(of(updated.row.cells, titles)), values(1));
        assert.deepEqual(updated.columns.map(({ title, from, to }) => [title, from, to]), [
          ["Item", "v0", "v1"],
          ...titles.map((title, index) => [title, values(0)[index], values(1)[index]]),
        ]);

        edit(Object.fromEntries([["Item", "v2"], ...titles.map((title) => [title, null])]), rowId);
        await settle();
        const { before, row, columns } = only(changes);
        assert.deepEqual(Object.values(of(before!.cells, copies)), values(1));
        assert.deepEqual(Object.values(of(row.cells, copies)), values(1));
        const emptied = titles.filter((title) => emptyOf(title) === null);
        assert.deepEqual(columns.slice(1).map(({ title, to }) => [title, to]), emptied.map((title) => [title, null]));

        edit({ Item: "v3" }, rowId);
        await settle();
        const last = only(changes);
        assert.deepEqual(last.columns.map(({ title }) => title), ["Item"]);
        for (const { cells } of [last.before!, last.row]) {
          assert.deepEqual(Object.values(of(cells, titles)), titles.map(emptyOf));
          assert.deepEqual(Object.values(of(cells, copies)), titles.map(emptyOf));
        }
      });
    });

    it("of formulas are their results, and of links their texts; both are in cell()", async () => {
      const columns = [{ title: "Item" }, { title: "Sum" }, { title: "Double" }, { title: "Link" }];
      await within(columns, async ({ receiver, edit, settle, sheet, simulator }, changes) => {
        const id = (title: string) => sheet.columns.find((column: { title: string }) => column.title === title).id;
        receiver.onChange({ kind: "created" }, ({ row }, { updateRow }) =>
          updateRow(row, {
            Double: { formula: "=Sum@row * 2" },
            Link: { url: "https://example.com/", text: "Docs" },
          }));
        receiver.onChange((change) => void changes.push(change));
        const rowId = edit({ Item: "Rope", Sum: { formula: "=20 + 1", value: 21 } });
        await settle();
        const { row } = only(changes);
        assert.deepEqual([row.cells.Sum, row.cell(id("Sum")).formula], [21, "=20 + 1"]);
        simulator.edit({ sheetId: sheet.id, rowId, cells: [{ column: "Double", value: 42 }], silent: true });
        edit({ Sum: { formula: "=21 + 0", value: 21 }, Item: "Cord" }, rowId);
        await settle();
        const change = only(changes);
        assert.deepEqual(change.columns.map(({ title, to }) => [title, to]), [["Item", "Cord"], ["Double", 42]]);
        assert.equal(change.row.cell(id("Double")).formula, "=Sum@row * 2");
        assert.deepEqual([change.row.cells.Link, change.row.cell(id("Link")).hyperlink], ["Docs", {
          url: "https://example.com/",
        }]);
        assert.equal(change.before!.cell(id("Sum")).formula, "=20 + 1");
      });
    });

    it("of predecessors are text with row numbers, and are the same when rows move", async () => {
      const columns = [{ title: "Item" }, { title: "After", type: "PREDECESSOR" }, {
        title: "Too",
        type: "PREDECESSOR",
      }];
      await within(columns, async ({ receiver, edit, settle, simulator, sheet }, changes) => {
        const [first, second] = [edit({ Item: "Dig" }), edit({ Item: "Build" })];
        receiver.onChange({ column: "After" }, ({ row }, { updateRow }) => updateRow(row, { Too: row.cells.After! }));
        receiver.onChange((change) => void changes.push(change));
        await settle();
        changes.length = 0;
        const objectValue = (rowId: number) => ({
          objectValue: {
            objectType: "PREDECESSOR_LIST",
            predecessors: [{ rowId, type: "FS", lag: { objectType: "DURATION", days: 1 } }],
          },
        });
        edit({ After: objectValue(first) }, second);
        await settle();
        assert.deepEqual(only(changes).columns.map(({ from, to }) => [from, to]), [[null, "1FS +1d"]]);
        simulator.edit({ sheetId: sheet.id, toTop: true, cells: [{ column: "Item", value: "Plan" }] });
        edit({ Item: "Raise" }, second);
        await settle();
        const raised = changes.splice(0).find(({ kind }) => kind === "updated")!;
        assert.deepEqual(raised.columns.map(({ title }) => title), ["Item"]);
        assert.deepEqual([raised.row.cells.After, raised.row.cells.Too], ["2FS +1d", "2FS +1d"]);
      });
    });
  });
}
