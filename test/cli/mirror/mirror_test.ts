import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { join } from "node:path";
import process from "node:process";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import type { Column } from "../../../src/api/sheet.ts";
import { csvRecord } from "../../../src/cli/mirror/csv.ts";
import { listText } from "../../../src/cli/mirror/list.ts";
import { findSheet } from "../../../src/cli/mirror/find_sheet.ts";
import { pagesOf, rowsText } from "../../../src/cli/mirror/print_rows.ts";
import { memoryInbox } from "../../../src/inbox/memory.ts";
import type { Mirror } from "../../../src/inbox/mirror.ts";
import { sqliteInbox } from "../../../src/inbox/sqlite.ts";
import { infoOf } from "../../../src/mirror/derive/first_read.ts";
import { rowToJson, type StoredRow } from "../../../src/mirror/stored_row.ts";
import type { Value } from "../../../src/mirror/values/value.ts";
import { type CliResult, runCli, withFolder } from "../../support/run_cli.ts";
import { programCommand } from "../../support/runtime.ts";

const READ_AT = Date.parse("2026-11-29T08:00:00.123Z");
const ORDERS = 4509506114742148;

const columnsOf = (...titles: string[]): Column[] =>
  titles.map((title, index) => ({ id: 100 + index, index, title, type: "TEXT_NUMBER", primary: index === 0 }));

function rowOf(id: number, values: readonly Value[], more: Partial<StoredRow> = {}): StoredRow {
  const cells = values.flatMap((value, index) => value === null ? [] : [[100 + index, { value }] as const]);
  return { id, ...more, cells: new Map(cells) };
}

interface Filling {
  readonly id?: number;
  readonly name?: string;
  readonly columns: readonly Column[];
  readonly rows?: readonly StoredRow[];
  readonly isWhole?: boolean;
}

async function fill(file: string, ...sheets: readonly Filling[]): Promise<void> {
  const { mirror, close } = sqliteInbox(file);
  await fillMirror(mirror, ...sheets);
  await close();
}

async function fillMirror(mirror: Mirror, ...sheets: readonly Filling[]): Promise<void> {
  for (const { id = ORDERS, name = "Orders", columns, rows = [], isWhole = true } of sheets) {
    const sheet = { id, info: infoOf({ name, columns }), version: 17, readAt: READ_AT, isWhole, reconciled: null };
    let revision = await mirror.write({ sheet, revision: undefined, rows: [], deleted: [] });
    for (let index = 0; index < rows.length; index += 500) {
      const stored = rows.slice(index, index + 500).map((row) => ({ id: row.id, json: rowToJson(row), readFor: 0 }));
      revision = await mirror.write({ sheet, revision, rows: stored, deleted: [] });
    }
  }
}

const withMirror = (sheets: readonly Filling[], use: (file: string) => Promise<void>) =>
  withFolder(async (folder) => {
    const file = join(folder, "inbox.db");
    await fill(file, ...sheets);
    await use(file);
  });

const optionsOf = (file: string, env = {}) => ({
  env: { SHEETHOOK_INBOX: `sqlite:${file}`, ...env },
  reads: [file],
  writes: [file],
});

const run = (file: string, args: readonly string[], env?: Record<string, string>): Promise<CliResult> =>
  runCli(["mirror", ...args], optionsOf(file, env));

async function succeeds(file: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await run(file, args);
  assert.deepEqual([code, stderr], [0, ""], args.join(" "));
  return stdout;
}

async function fails(file: string, code: number, message: RegExp, ...args: string[]): Promise<void> {
  const result = await run(file, args);
  assert.deepEqual([result.code, result.stdout], [code, ""], result.stderr);
  assert.match(result.stderr, message);
}

const ORDER_COLUMNS = columnsOf("Item", "Status", "Amount");
const ORDER_ROWS = [
  rowOf(7, ["Rope", "Open", 5], { rowNumber: 2, modifiedAt: "2026-11-29T07:00:00Z" }),
  rowOf(3, ["Saw", null, -2.5], { rowNumber: 1 }),
];
const orders: Filling = { columns: ORDER_COLUMNS, rows: ORDER_ROWS };

test("mirror list and show tell of sheets and columns, for people and for programs", async () => {
  const unread: Filling = { id: 11, name: "", columns: [], isWhole: false };
  const reading: Filling = { id: 12, name: "Being read", columns: columnsOf("Name"), isWhole: false };
  await withMirror([orders, reading, unread], async (file) => {
    assert.deepEqual((await succeeds(file, "list")).trimEnd().split("\n").map((line) => line.split(/ {2,}/)), [
      ["id", "name", "rows", "columns", "version", "last read"],
      ["11", "-", "0", "0", "17", "not to its end yet"],
      ["12", "Being read", "0", "1", "17", "not to its end yet"],
      [`${ORDERS}`, "Orders", "2", "3", "17", "2026-11-29T08:00:00Z"],
    ]);
    const lines = (await succeeds(file, "list", "--json")).trimEnd().split("\n").map((line) => JSON.parse(line));
    const readAt = "2026-11-29T08:00:00.123Z";
    const json = {
      id: ORDERS,
      name: "Orders",
      rows: 2,
      columns: 3,
      version: 17,
      readAt,
      isWhole: true,
    };
    assert.deepEqual(lines[2], json);
    assert.equal(lines[1].isWhole, false);
    const shown = await succeeds(file, "show", "Orders");
    assert.match(
      shown,
      /^sheet +4509506114742148\nname +Orders\nrows +2\nversion +17\nlast read +2026-11-29T08:00:00Z\n/,
    );
    assert.match(shown, /\n101 +TEXT_NUMBER +Status\n/);
    assert.deepEqual(JSON.parse(await succeeds(file, "show", `${ORDERS}`, "--json")), {
      ...json,
      columns: ORDER_COLUMNS,
    });
    const { code, stdout, stderr } = await run(file, ["rows", "Being read", "--json"]);
    assert.deepEqual([code, stdout], [0, ""]);
    assert.match(stderr, /^sheet 12 "Being read" isn't read to its end yet: rows are missing\n$/);
  });
});

test("mirror names the sheets that there are for one that is unknown or ambiguous", async () => {
  const twin: Filling = { id: 12, name: "Twins", columns: columnsOf("A") };
  await withMirror([orders, twin, { ...twin, id: 13 }], async (file) => {
    const there = `12 "Twins", 13 "Twins", ${ORDERS} "Orders"`;
    await fails(
      file,
      1,
      RegExp(`has the id or the name "ordrs": did you mean ${ORDERS} "Orders"\\? There is ${there}\n$`),
      "show",
      "ordrs",
    );
    await fails(file, 1, RegExp(`has the id or the name "99": There is ${there}\n$`), "rows", "99");
    await fails(
      file,
      1,
      /2 mirrored sheets have the name "Twins": use an id, 12 "Twins", 13 "Twins"\n$/,
      "drop",
      "Twins",
    );
    assert.match(await succeeds(file, "show", "13"), /^sheet +13\n/);
    await fails(file, 2, /should not be blank/, "show", " ");
  });
  await withMirror([], async (file) => {
    await fails(
      file,
      1,
      /"Orders": none is mirrored yet. serve mirrors a sheet when an onChange handler/,
      "show",
      "Orders",
    );
    assert.equal((await run(file, ["list"])).stderr, "no sheet is mirrored\n");
  });
  await withFolder((folder) => fails(join(folder, "none.db"), 1, /none\.db" isn't there/, "list"));
});

test("mirror rows prints a table, or values by title as JSON", async () => {
  await withMirror([orders], async (file) => {
    assert.deepEqual((await succeeds(file, "rows", "Orders")).split("\n"), [
      "Item  Status  Amount  row id",
      "Saw           -2.5    3",
      "Rope  Open    5       7",
      "",
    ]);
    const some = await run(file, ["rows", "Orders"], { SHEETHOOK_MIRROR_LIMIT: "1" });
    assert.deepEqual([some.stdout.split("\n").length, some.stderr], [3, "1 of 2 rows: --limit prints more\n"]);
    const lines = (await succeeds(file, "rows", "Orders", "--json")).trimEnd().split("\n").map((line) =>
      JSON.parse(line)
    );
    assert.deepEqual(lines, [
      { id: 3, rowNumber: 1, cells: { Item: "Saw", Status: null, Amount: -2.5 } },
      { id: 7, rowNumber: 2, modifiedAt: "2026-11-29T07:00:00Z", cells: { Item: "Rope", Status: "Open", Amount: 5 } },
    ]);
    assert.equal((await succeeds(file, "rows", "Orders", "--json", "--limit", "1")).split("\n").length, 2);
    const csv = await run(file, ["rows", "Orders", "--csv", "--limit", "1"], { SHEETHOOK_JSON: "1" });
    assert.equal(csv.stdout, "Item,Status,Amount\r\nSaw,,-2.5\r\n");
    await fails(
      file,
      2,
      /mirror rows is told --csv and --json, but should be told one of them/,
      "rows",
      "1",
      "--csv",
      "--json",
    );
    await fails(file, 2, /should be a whole number from 1/, "rows", "Orders", "--limit", "0");
  });
});

test("mirror rows --json has two columns with one title by their ids, and any title", async () => {
  const columns = columnsOf("Item", "Note", "Note", "__proto__");
  await withMirror([{ columns, rows: [rowOf(1, ["Rope", "a", "b", "c"])] }], async (file) => {
    assert.equal(
      await succeeds(file, "rows", "Orders", "--json"),
      `{"id":1,"cells":{"101":"a","102":"b","Item":"Rope","__proto__":"c"}}\n`,
    );
  });
});

test("mirror rows --csv has every value as RFC 4180 wants it, and no formula", async () => {
  const ada = { email: "ada@example.com", name: "Ada" };
  const values: Value[] = [
    ...["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "a=1", 'say "hi"', "a,b", "two\nlines", " blank "],
    ...[-5, 1e21, true, false, null, ada, { email: "bob@example.com" }, [ada, "Bob"], ["=x", "y"]],
  ];
  const titles = values.map((_, index) => index ? `c${index}` : "=cmd");
  await withMirror([{ columns: columnsOf(...titles), rows: [rowOf(1, values)] }], async (file) => {
    const [head, ...body] = (await succeeds(file, "rows", "Orders", "--csv")).split(/(?<=c19\r\n)/);
    assert.equal(head, `'=cmd,${titles.slice(1).join(",")}\r\n`);
    assert.equal(
      body.join(""),
      `'=1+1,'+1,'-1,'@SUM(A1),'\t=1,"'\r=1",a=1,"say ""hi""","a,b","two\nlines", blank ,` +
        `-5,1e+21,true,false,,Ada,bob@example.com,"Ada, Bob","'=x, y"\r\n`,
    );
  });
  assert.equal(csvRecord([null]), '""\r\n');
});

/** 50 MB of text. */
const LARGE: Filling = {
  columns: columnsOf(...Array.from({ length: 25 }, (_, index) => `Column ${index}`)),
  rows: Array.from({ length: 20_000 }, (_, id) => rowOf(id + 1, Array(25).fill(`${id} `.padEnd(100, "x")))),
};

test("mirror rows prints 20,000 rows of 25 columns in little memory, and ends quietly when its reader goes", async () => {
  await withMirror([LARGE], async (file) => {
    const { code, stdout, stderr } = await run(file, ["rows", "Orders", "--csv"], {
      NODE_OPTIONS: "--max-old-space-size=48",
    });
    assert.deepEqual([code, stderr], [0, ""]);
    assert.equal(stdout.match(/\r\n/g)?.length, 20_001);
    for (const format of ["--csv", "--json"]) {
      assert.deepEqual(await readOnly(file, 10, ["rows", "Orders", format]), [0, ""], format);
    }
  });
});

test("mirror rows fails if the sheet is dropped meanwhile, so that no copy is cut short without a word", async () => {
  const { mirror } = memoryInbox();
  await fillMirror(mirror, { ...LARGE, rows: LARGE.rows!.slice(0, 1000) });
  const pages = pagesOf(mirror, await findSheet(mirror, "Orders"));
  const { value } = await pages.next();
  assert.ok(value!.length < 1000);
  await mirror.drop(ORDERS);
  await assert.rejects(pages.next(), /was dropped or read anew meanwhile, so rows are missing: try again/);
});

/** Reads the first characters of what it prints, and goes. @returns its exit code, and what it says to stderr */
async function readOnly(file: string, count: number, args: readonly string[]): Promise<[number | null, string]> {
  const main = new URL("../../../src/cli/main.ts", import.meta.url);
  const permissions = ["--allow-env=PORT,SHEETHOOK_*,SMARTSHEET_*,NO_COLOR,FORCE_COLOR"];
  permissions.push(`--allow-read=${file}`, `--allow-write=${file}`);
  const [command, ...rest] = programCommand(main, ["mirror", ...args], permissions);
  const child = spawn(command!, rest, { env: { ...process.env, ...optionsOf(file).env } });
  let stderr = "";
  let length = 0;
  child.stderr.setEncoding("utf8").on("data", (text: string) => stderr += text);
  child.stdout.on("data", (part) => {
    length += part.length;
    if (length >= count) child.stdout.destroy();
  });
  const code = await new Promise<number | null>((resolve, reject) => child.on("error", reject).on("close", resolve));
  return [code, stderr];
}

test("mirror drop asks first, and forgets the sheet and its rows", async () => {
  await withMirror(
    [orders, { id: 12, name: "Other", columns: columnsOf("A"), rows: [rowOf(1, ["a"])] }],
    async (file) => {
      await fails(
        file,
        2,
        /Forget sheet 4509506114742148 "Orders" and its 2 rows\? .* should be called with --yes/,
        "drop",
        "Orders",
      );
      assert.match(await succeeds(file, "list"), /Orders/);
      assert.equal(await succeeds(file, "drop", "Orders", "--yes"), `sheet ${ORDERS} "Orders" dropped: 2 rows\n`);
      await fails(file, 1, /No mirrored sheet has the id or the name "Orders"/, "drop", "Orders", "--yes");
      assert.equal(
        await succeeds(file, "drop", "12", "--yes", "--json"),
        '{"id":12,"name":"Other","rows":1,"dropped":true,"views":[]}\n',
      );
      assert.equal((await run(file, ["list"])).stderr, "no sheet is mirrored\n");
    },
  );
});

test("mirror view makes a view, says which columns have other names, and drops it", async () => {
  const columns = columnsOf("Item", "Status", "status");
  await withMirror([{ columns, rows: ORDER_ROWS }], async (file) => {
    const query = (text: string) => {
      const database = new DatabaseSync(file);
      const rows = database.prepare(text).all().map((row) => ({ ...row as Record<string, unknown> }));
      database.close();
      return rows;
    };
    const made = await run(file, ["view", "Orders", "Open_Orders"]);
    assert.deepEqual([made.code, made.stdout, made.stderr], [
      0,
      `view open_orders of sheet ${ORDERS} "Orders": 3 columns\n  select * from open_orders\n`,
      'column 102 "status" is named "status 102"\n',
    ]);
    assert.deepEqual(query('select "Item", "Status", "status 102" as amount from open_orders order by row_number'), [
      { Item: "Saw", Status: null, amount: -2.5 },
      { Item: "Rope", Status: "Open", amount: 5 },
    ]);
    const json = {
      name: "open_orders",
      from: "open_orders",
      sheetId: ORDERS,
      columns: [
        { name: "Item", columnId: 100, title: "Item", kind: "text" },
        { name: "Status", columnId: 101, title: "Status", kind: "text" },
        { name: "status 102", columnId: 102, title: "status", kind: "text" },
      ],
      problem: null,
    };
    assert.deepEqual(JSON.parse((await run(file, ["view", "Orders", "open_orders", "--json"])).stdout), json);
    assert.deepEqual(JSON.parse(await succeeds(file, "views", "--json")), json);
    assert.equal(await succeeds(file, "views"), `view         sheet             columns\nopen_orders  ${ORDERS}  3\n`);
    await fails(
      file,
      2,
      /<name> is "callbacks", but should be another name: .* a table/,
      "view",
      "Orders",
      "callbacks",
    );
    await fails(file, 1, /No mirrored sheet has the id or the name "Other"/, "view", "Other", "x");

    assert.equal(await succeeds(file, "view", "Orders", "open_orders", "--drop"), "view open_orders dropped\n");
    assert.match((await run(file, ["view", "Orders", "open_orders", "--drop"])).stderr, /has no view "open_orders"/);
    assert.equal((await run(file, ["views"])).stderr, "there is no view\n");

    await succeeds(file, "view", "Orders", "twin", "--json");
    assert.equal(
      await succeeds(file, "drop", "Orders", "--yes"),
      `sheet ${ORDERS} "Orders" dropped: 2 rows, view twin\n`,
    );
    assert.throws(() => query("select * from twin"), /no such table/);
  });
});

test("the tables of mirror fit a terminal of 80 columns", () => {
  const columns = columnsOf(...Array.from({ length: 25 }, (_, index) => `Title of ${index}`), "a\u001b[2Jb");
  const sheet = {
    id: ORDERS,
    name: "n".repeat(50),
    reconciled: null,
    columns,
    version: 1,
    readAt: READ_AT,
    isWhole: true,
  };
  const named = { ...sheet, revision: 1, rowCount: 20_000 };
  const layout = { width: 80, paint: (_: unknown, text: string) => text };
  const rows = [rowOf(3344556677889900, Array(26).fill("x".repeat(4000))), rowOf(2, ["a\nb\u001b[31m"])];
  const { text, leftOut } = rowsText(rows, named, layout);
  for (const line of `${text}\n${listText([named], layout)}`.split("\n")) assert.ok(line.length <= 80, line);
  assert.match(text, /^Title of 0 {22}Title of 1\n/);
  assert.match(text, /\na b \[31m$/);
  assert.equal(leftOut, 24);
  const wide = rowsText(rows, named, { ...layout, width: undefined });
  assert.ok(wide.text.includes("x".repeat(4000)) && wide.text.includes("row id"));
  assert.equal(wide.leftOut, 0);
});
