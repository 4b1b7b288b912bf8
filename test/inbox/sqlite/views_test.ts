import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { sqliteInbox } from "../../../src/inbox/sqlite.ts";
import { withFolder } from "../../support/run_cli.ts";
import { VIEWED, viewedColumns, viewedRows, writeViewed } from "../../suites/viewed.ts";
import { viewsSuite } from "../../suites/views_suite.ts";

function queryFile(file: string, text: string): Record<string, unknown>[] {
  const database = new DatabaseSync(file);
  try {
    return database.prepare(text).all().map((row) => ({ ...row as Record<string, unknown> }));
  } finally {
    database.close();
  }
}

viewsSuite("SQLite views", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sheethook-views-"));
  const file = join(folder, "inbox.db");
  return {
    inbox: sqliteInbox(file),
    query: async (text) => queryFile(file, text),
    close: async () => rmSync(folder, { recursive: true }),
  };
});

const TYPED = viewedColumns(
  "Text",
  ["Done", "CHECKBOX"],
  ["Due", "DATE"],
  ["Owner", "CONTACT_LIST"],
  ["Team", "MULTI_CONTACT_LIST"],
  ["Tags", "MULTI_PICKLIST"],
);
const ada = { email: "ada@example.com", name: "Ada" };

test("a view in SQLite has numbers, 0 and 1, ISO dates, e-mail addresses and JSON", async () => {
  await withFolder(async (folder) => {
    const file = join(folder, "inbox.db");
    const { mirror, close } = sqliteInbox(file);
    const rows = viewedRows(
      ["5", true, "2026-11-22", ada, [ada, "Bob"], ["a", 'b"']],
      [5, false, "next week", "Bob", "typed", "typed"],
      [2.5, "#REF", null, null, null, null],
      [1e21],
    );
    await writeViewed(mirror, TYPED, rows);
    await mirror.views!.create(VIEWED, "orders");
    const text = 'select "Text", typeof("Text") as type, "Done", "Due", "Owner", "Team", "Tags" from orders';
    const empty = { Due: null, Owner: null, Team: null, Tags: null };
    assert.deepEqual(queryFile(file, text), [
      {
        Text: "5",
        type: "text",
        Done: 1,
        Due: "2026-11-22",
        Owner: "ada@example.com",
        Team: JSON.stringify([ada, "Bob"]),
        Tags: '["a","b\\""]',
      },
      { Text: 5, type: "integer", Done: 0, Due: "next week", Owner: "Bob", Team: '"typed"', Tags: '"typed"' },
      { Text: 2.5, type: "real", Done: "#REF", ...empty },
      { Text: 1e21, type: "real", Done: null, ...empty },
    ]);
    await close();
  });
});

test("an ordinary client reads a view while the inbox is open", async (context) => {
  await withFolder(async (folder) => {
    const file = join(folder, "inbox.db");
    const { mirror, close } = sqliteInbox(file);
    await writeViewed(mirror, viewedColumns("Item", "Status"), viewedRows(["Rope, 5 m", "Open"], ["Saw"]));
    await mirror.views!.create(VIEWED, "orders");
    const text = 'select "Item", "Status" from orders order by row_number';
    assert.deepEqual(queryFile(file, text).map((row) => Object.values(row)), [["Rope, 5 m", "Open"], ["Saw", null]]);
    const command = spawnSync("sqlite3", ["-readonly", file, text], { encoding: "utf8" });
    if (command.error) context.diagnostic("There is no command sqlite3 here: node:sqlite alone has read it");
    else assert.equal(command.stdout, "Rope, 5 m|Open\nSaw|\n");
    await close();
  });
});

test("a view in SQLite finds a row by its key, and looks at its cells once", async () => {
  await withFolder(async (folder) => {
    const file = join(folder, "inbox.db");
    const { mirror, close } = sqliteInbox(file);
    await writeViewed(mirror, TYPED);
    await mirror.views!.create(VIEWED, "orders");
    const plan = queryFile(file, "explain query plan select * from orders where row_id = 5").map(({ detail }) =>
      detail
    );
    assert.match(plan.join("\n"), /SEARCH r USING INDEX sqlite_autoindex_mirror_rows_1 \(sheet=\? AND id=\?\)/);
    assert.equal(plan.filter((line) => /SCAN json_each/.test(String(line))).length, 1);
    await close();
  });
});
