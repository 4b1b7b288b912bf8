// What the views of both databases must do. `query` runs in a client of its own.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Inbox } from "../../src/inbox/inbox.ts";
import type { Mirror, MirrorViews } from "../../src/inbox/mirror.ts";
import { VIEWED, viewedColumns, viewedId, viewedRows, writeViewed } from "./viewed.ts";

export interface ViewedInbox {
  readonly inbox: Inbox;
  query(text: string): Promise<Record<string, unknown>[]>;
  close(): Promise<void>;
}

const ORDERS = viewedColumns("Item", "Status", "Amount");
const ROPE = ["Rope", "Open", 5] as const;
const SAW = ["Saw", null, -2.5] as const;

export function viewsSuite(name: string, open: () => Promise<ViewedInbox>): void {
  function viewsTest(
    title: string,
    run: (opened: ViewedInbox & { readonly mirror: Mirror; readonly views: MirrorViews }) => Promise<void>,
  ): void {
    test(title, async () => {
      const opened = await open();
      try {
        await run({ ...opened, mirror: opened.inbox.mirror, views: opened.inbox.mirror.views! });
      } finally {
        await opened.inbox.close();
        await opened.close();
      }
    });
  }

  describe(name, () => {
    viewsTest(
      "create() makes a view that has a column for each title, and our own",
      async ({ mirror, views, query }) => {
        await writeViewed(mirror, ORDERS, viewedRows(ROPE, SAW));
        await writeViewed(mirror, ORDERS, viewedRows(ROPE), 12);
        const view = await views.create(VIEWED, "Orders");
        assert.deepEqual([view.name, view.sheetId, view.problem], ["orders", VIEWED, null]);
        assert.deepEqual(view.columns.map(({ name, columnId }) => [name, columnId]), [
          ["Item", viewedId(0)],
          ["Status", viewedId(1)],
          ["Amount", viewedId(2)],
        ]);
        assert.deepEqual(await views.list(), [view]);
        assert.deepEqual(await query('select "Item", "Status" from orders order by row_number'), [
          { Item: "Rope", Status: "Open" },
          { Item: "Saw", Status: null },
        ]);
        assert.deepEqual(await query(`select * from ${view.from} where "Amount" < 0`), [{
          row_id: 2,
          row_number: 11,
          parent_id: 1,
          modified_at: "2026-11-29T07:00:00Z",
          Item: "Saw",
          Status: null,
          Amount: -2.5,
        }]);
        assert.deepEqual(await query('select "Item" from orders where row_id = 1'), [{ Item: "Rope" }]);
      },
    );

    viewsTest("a view follows rows, and renamed, new, removed and moved columns", async ({ mirror, views, query }) => {
      await writeViewed(mirror, ORDERS, viewedRows(ROPE, SAW));
      await views.create(VIEWED, "orders");
      await views.create(VIEWED, "twin");
      await writeViewed(mirror, ORDERS, viewedRows(ROPE, ["Saw", "Done", 7]));
      assert.deepEqual(await query('select sum("Amount") as sum from orders'), [{ sum: 12 }]);
      const [item, status, amount] = ORDERS as [typeof ORDERS[0], typeof ORDERS[0], typeof ORDERS[0]];
      const added = { ...item, id: 99, title: "Added" };
      await writeViewed(mirror, [{ ...status, title: "State" }, item, added]);
      for (const view of ["orders", "twin"]) {
        assert.deepEqual(await query(`select * from ${view} where row_id = 1`), [{
          row_id: 1,
          row_number: 10,
          parent_id: null,
          modified_at: "2026-11-29T07:00:00Z",
          State: "Open",
          Item: "Rope",
          Added: null,
        }]);
      }
      await writeViewed(mirror, [item, status, amount]);
      assert.equal((await query('select "Status" from twin')).length, 2);
      assert.deepEqual((await views.list()).map(({ problem }) => problem), [null, null]);
    });

    viewsTest("a write that is refused leaves the view as it is", async ({ mirror, views, query }) => {
      await writeViewed(mirror, ORDERS, viewedRows(ROPE));
      await views.create(VIEWED, "orders");
      const { revision: _, rowCount: __, ...sheet } = (await mirror.sheet(VIEWED))!;
      const info = sheet.info.replace("Status", "State");
      const stale = { sheet: { ...sheet, info }, revision: 999_999, rows: [], deleted: [] };
      assert.equal(await mirror.write(stale), undefined);
      assert.equal((await query('select "Status" from orders')).length, 1);
    });

    viewsTest("a view has columns for titles that collide, and for any other", async ({ mirror, views, query }) => {
      const titles = ["Note", "Note", "NOTE", "row_id", 'say "hi"', "it's $$ \\ %s é", "", "a\nb"];
      await writeViewed(mirror, viewedColumns(...titles), viewedRows(titles.map((_, index) => `v${index}`)));
      await views.create(VIEWED, "orders");
      const [{ row_number: _, parent_id: __, modified_at: ___, ...row }] = await query("select * from orders") as [
        Record<string, unknown>,
      ];
      assert.deepEqual(row, {
        row_id: 1,
        "Note": "v0",
        [`Note ${viewedId(1)}`]: "v1",
        [`NOTE ${viewedId(2)}`]: "v2",
        [`row_id ${viewedId(3)}`]: "v3",
        'say "hi"': "v4",
        "it's $$ \\ %s é": "v5",
        [`${viewedId(6)}`]: "v6",
        "a\nb": "v7",
      });
    });

    viewsTest("a view has 400 columns with titles of 50 characters of 4 bytes", async ({ mirror, views, query }) => {
      const titles = Array.from({ length: 400 }, (_, index) => String(index).padStart(3, "0").padEnd(3 + 47 * 2, "😀"));
      await writeViewed(mirror, viewedColumns(...titles), viewedRows(titles.map((_, index) => `v${index}`)));
      await views.create(VIEWED, "orders");
      const text = `select "${titles[399]}" as last, "${titles[0]}" as first from orders`;
      assert.deepEqual(await query(text), [{ last: "v399", first: "v0" }]);
      const renamed = titles.map((title) => `${title.slice(0, -2)}é`);
      await writeViewed(mirror, viewedColumns(...renamed));
      assert.deepEqual(await query(`select "${renamed[399]}" as last from orders`), [{ last: "v399" }]);
    });

    viewsTest("titles that differ behind 63 bytes are both there", async ({ mirror, views, query }) => {
      const titles = ["й".repeat(50), `${"й".repeat(49)}х`];
      await writeViewed(mirror, viewedColumns(...titles), viewedRows(["a", "b"]));
      const { columns } = await views.create(VIEWED, "orders");
      const names = columns.map(({ name }) => `"${name}"`);
      const [row] = await query(`select ${names[0]} as a, ${names[1]} as b from orders`);
      assert.deepEqual(row, { a: "a", b: "b" });
    });

    viewsTest("create() refuses what is no name, or is taken, and says what to do", async ({ mirror, views }) => {
      await writeViewed(mirror, ORDERS, viewedRows(ROPE));
      await writeViewed(mirror, ORDERS, [], 12);
      await views.create(12, "taken");
      const refused: [string, RegExp][] = [
        ["callbacks", /name is "callbacks", but should be another name: the database has a table/],
        ["CALLBACKS", /has a table of that name/],
        ["taken", /has a view of sheet 12 of that name/],
        ["select", /is a word of SQL/],
        ["ORDER", /is a word of SQL/],
        ["my orders", /1 to 63 letters, digits and _/],
        ["1st", /1 to 63/],
        ["x".repeat(64), /1 to 63/],
        ["pg_orders", /1 to 63/],
        ["sqlite_orders", /1 to 63/],
        ['a"b', /1 to 63/],
      ];
      for (const [name, message] of refused) {
        await assert.rejects(views.create(VIEWED, name), { code: "option_invalid", message }, name);
      }
      await assert.rejects(views.create(99, "orders"), {
        code: "option_invalid",
        message: /sheet is 99, but should be/,
      });
      assert.deepEqual((await views.list()).map(({ name }) => name), ["taken"]);
    });

    viewsTest(
      "drop() drops a view of the sheet, and drop() of the sheet empties it",
      async ({ mirror, views, query }) => {
        await writeViewed(mirror, ORDERS, viewedRows(ROPE));
        await views.create(VIEWED, "orders");
        assert.equal(await views.drop(12, "orders"), false);
        await mirror.drop(VIEWED);
        assert.deepEqual(await query("select * from orders"), []);
        await writeViewed(mirror, viewedColumns("Renamed"), viewedRows(["a"]));
        assert.deepEqual(await query('select "Renamed" from orders'), [{ Renamed: "a" }]);
        assert.equal(await views.drop(VIEWED, "ORDERS"), true);
        assert.equal(await views.drop(VIEWED, "orders"), false);
        assert.deepEqual(await views.list(), []);
        await assert.rejects(query("select * from orders"));
        await writeViewed(mirror, ORDERS, viewedRows(ROPE));
        await views.create(VIEWED, "orders");
        assert.equal((await query('select "Item" from orders')).length, 1);
      },
    );

    viewsTest("rows are written although a view cannot be renewed, and it is told why", async (opened) => {
      const { mirror, views, query } = opened;
      await writeViewed(mirror, ORDERS, viewedRows(ROPE));
      const { from } = await views.create(VIEWED, "orders");
      await query(`drop view ${from}`);
      await query(`create table ${from} (id integer)`);
      await writeViewed(mirror, viewedColumns("Item", "State"), viewedRows(ROPE, SAW));
      assert.equal((await mirror.sheet(VIEWED))!.rowCount, 2);
      assert.match((await views.list())[0]!.problem!, /orders/);
      await query(`drop table ${from}`);
      await writeViewed(mirror, viewedColumns("Item", "State"), viewedRows(ROPE, SAW));
      assert.equal((await query('select "State" from orders')).length, 2);
      assert.equal((await views.list())[0]!.problem, null);
    });
  });
}
