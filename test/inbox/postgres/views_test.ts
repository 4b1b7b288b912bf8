import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import pg from "pg";
import { postgresInbox } from "../../../src/inbox/postgres.ts";
import { type PostgresServer, startPostgres, whyNotPostgres } from "../../support/postgres.ts";
import { VIEWED, viewedColumns, viewedId, viewedRows, writeViewed } from "../../suites/viewed.ts";
import { viewsSuite } from "../../suites/views_suite.ts";

const ada = { email: "ada@example.com", name: "Ada" };

for (const version of ["13", "18"] as const) {
  describe(`Postgres ${version}`, { skip: whyNotPostgres(version) }, () => {
    let server: PostgresServer;
    let databases = 0;
    before(async () => {
      server = await startPostgres({ version });
    });
    after(() => server.end());

    /** A database of its own, whose client reads numbers as numbers, and times as the mirror has them. */
    async function open(user?: string) {
      const name = `views_${++databases}`;
      const admin = new pg.Client(server.url);
      await admin.connect();
      await admin.query(`create database ${name}${user ? ` owner ${user}` : ""}`);
      await admin.end();
      const url = new URL(server.url);
      url.pathname = `/${name}`;
      const types = { getTypeParser };
      const client = new pg.Client({ connectionString: url.href, types });
      await client.connect();
      return {
        url,
        inbox: postgresInbox(url.href),
        query: async (text: string): Promise<Record<string, unknown>[]> => (await client.query(text)).rows,
        close: () => client.end(),
      };
    }

    viewsSuite(`Postgres ${version} views`, open);

    test(`a view in Postgres ${version} has types, and a bad value is null`, async () => {
      const { inbox, query, close } = await open();
      const { mirror } = inbox;
      const columns = viewedColumns(
        "Text",
        "Number",
        ["Done", "CHECKBOX"],
        ["Due", "DATE"],
        ["Begin", "ABSTRACT_DATETIME"],
        ["Made", "DATETIME"],
        ["Owner", "CONTACT_LIST"],
        ["Team", "MULTI_CONTACT_LIST"],
        ["Tags", "MULTI_PICKLIST"],
      );
      const time = "2026-11-22T08:00:00";
      const dates = ["2026-02-29", "2026-13-01", "0000-01-01", "2100-02-29", "2026-11-31", "next week", "-infinity"];
      const good = ["2024-02-29", "2000-02-29", "9999-12-31", "0001-01-01"];
      await writeViewed(mirror, columns, [
        ...viewedRows(
          ["5", 5, true, "2026-11-22", time, `${time}Z`, ada, [ada, "Bob"], ["a", 'b"']],
          [5, 2.5, "true", "#REF", "#REF", time, "Bob", "typed", 5],
          ["null", null, false, null, "2026-11-22", "2026-11-22T08:00:00.123+02:00", null, null, null],
          ...[...dates, ...good].map((date) => ["d", null, null, date, `${date}T23:59:59`, `${date}T24:00:00Z`]),
        ),
      ]);
      await mirror.views!.create(VIEWED, "orders");
      const types = await query(`
        select attname as name, format_type(atttypid, null) as type from pg_attribute
        where attrelid = 'orders'::regclass order by attnum`);
      assert.deepEqual(types.map(({ name, type }) => `${name} ${type}`), [
        "row_id bigint",
        "row_number bigint",
        "parent_id bigint",
        "modified_at timestamp with time zone",
        "Text text",
        "Number numeric",
        "Done boolean",
        "Due date",
        "Begin timestamp without time zone",
        "Made timestamp with time zone",
        "Owner text",
        "Team jsonb",
        "Tags jsonb",
      ]);
      const rows = await query(`
        select "Text", "Number", "Done", "Due", "Begin", "Made", "Owner", "Team", "Tags" from orders order by row_id`);
      assert.deepEqual(rows.slice(0, 3).map(Object.values), [
        ["5", 5, true, "2026-11-22", time, `${time}Z`, "ada@example.com", [ada, "Bob"], ["a", 'b"']],
        ["5", 2.5, null, null, null, null, "Bob", "typed", 5],
        ["null", null, false, null, "2026-11-22T00:00:00", "2026-11-22T06:00:00.123Z", null, null, null],
      ]);
      const made = rows.slice(3).map(({ Due, Begin, Made }) => [Due, Begin, Made]);
      assert.deepEqual(made, [
        ...dates.map(() => [null, null, null]),
        ...good.map((date) => [date, `${date}T23:59:59`, null]),
      ]);
      await inbox.close();
      await close();
    });

    test(`what jsonb cannot hold is read from a view in Postgres ${version}`, async () => {
      const { inbox, query, close } = await open();
      const texts = ["a\0b", "\uD800\uD801", "😀", String.raw`\u0000 \\u0000 \ud800`, "\\\0", "\u0001"];
      await writeViewed(inbox.mirror, viewedColumns("Text"), viewedRows(...texts.map((text) => [text])));
      await inbox.mirror.views!.create(VIEWED, "orders");
      const rows = await query('select "Text" from orders order by row_id');
      assert.deepEqual(
        rows.map(({ Text }) => Text),
        texts.map((text) => text.toWellFormed().replaceAll("\0", "\uFFFD")),
      );
      await inbox.close();
      await close();
    });

    test(`numbers in Postgres ${version} are text from the first text on, until the view is made anew`, async () => {
      const { inbox, query, close } = await open();
      const { mirror } = inbox;
      const columns = viewedColumns("Item", "Amount");
      const typeOf = async () =>
        (await query('select distinct pg_typeof("Amount")::text as type from orders'))[0]!.type;
      await writeViewed(mirror, columns, viewedRows(["Rope", 5], ["Saw", 7]));
      await mirror.views!.create(VIEWED, "orders");
      const other = postgresInbox(server.url.replace(/postgres$/, `views_${databases}`));
      await writeViewed(other.mirror, columns, viewedRows(["Rope", 6]));
      assert.equal(await typeOf(), "numeric");
      await writeViewed(other.mirror, columns, viewedRows(["Rope", 6], ["Saw", "n/a"]));
      assert.deepEqual(await query('select "Amount" from orders order by 1'), [{ Amount: "6" }, { Amount: "n/a" }]);
      await writeViewed(mirror, columns, viewedRows(["Rope", 6], ["Saw", 7]));
      assert.equal(await typeOf(), "text");
      await mirror.views!.create(VIEWED, "orders");
      assert.equal(await typeOf(), "numeric");
      await Promise.all([inbox.close(), other.close()]);
      await close();
    });

    test(`a view in Postgres ${version} keeps its grants, and what depends on it if it only grows`, async () => {
      const { inbox, query, close } = await open();
      const { mirror } = inbox;
      await query(`create role "Reader ${version}"`);
      await writeViewed(mirror, viewedColumns("Item"), viewedRows(["Rope"]));
      const { from } = await mirror.views!.create(VIEWED, "orders");
      await query(`grant select on ${from} to "Reader ${version}"`);
      await query(`create view items as select "Item" from ${from}`);
      await writeViewed(mirror, viewedColumns("Item", "Status"));
      const columns = async () => (await mirror.views!.list())[0]!.columns.map(({ name }) => name);
      assert.deepEqual(await columns(), ["Item", "Status"]);

      await writeViewed(mirror, viewedColumns("Thing", "Status"));
      assert.deepEqual(await columns(), ["Item", "Status"]);
      assert.match((await mirror.views!.list())[0]!.problem!, /other objects depend on it/);
      await assert.rejects(mirror.views!.create(VIEWED, "orders"), {
        code: "option_invalid",
        message: /drop that first/,
      });
      await assert.rejects(mirror.views!.drop(VIEWED, "orders"), {
        code: "option_invalid",
        message: /drop that first/,
      });
      assert.deepEqual(await query("select * from items"), [{ Item: "Rope" }]);

      await query("drop view items");
      await writeViewed(mirror, viewedColumns("Thing", "Status"));
      assert.deepEqual(await columns(), ["Thing", "Status"]);
      await query(`set role "Reader ${version}"`);
      assert.deepEqual(await query('select "Thing" from orders'), [{ Thing: "Rope" }]);
      await query("reset role");
      await inbox.close();
      await close();
    });

    test(`a query that reads a view in Postgres ${version} holds up no write`, async () => {
      const { inbox, query, close } = await open();
      await writeViewed(inbox.mirror, viewedColumns("Item"), viewedRows(["Rope"]));
      await inbox.mirror.views!.create(VIEWED, "orders");
      await query("begin");
      await query("select * from orders");
      await writeViewed(inbox.mirror, viewedColumns("Thing"), viewedRows(["Saw"]));
      assert.match((await inbox.mirror.views!.list())[0]!.problem!, /lock timeout/);
      await query("commit");
      await writeViewed(inbox.mirror, viewedColumns("Thing"));
      assert.deepEqual(await query('select "Thing" from orders'), [{ Thing: "Saw" }]);
      await inbox.close();
      await close();
    });

    test(`a role that may not make views in Postgres ${version} is told what to grant`, async () => {
      const { inbox, query, close, url } = await open();
      const role = `writer_${version}`;
      await writeViewed(inbox.mirror, viewedColumns("Item"), viewedRows(["Rope"]));
      await query(`create role ${role} login password 'geheim'`);
      await query("revoke create on schema public from public");
      await query(`grant usage on schema sheethook to ${role}`);
      await query(`grant select, insert, update, delete on all tables in schema sheethook to ${role}`);
      await query(`grant usage on all sequences in schema sheethook to ${role}`);
      url.username = role;
      url.password = "geheim";
      const writer = postgresInbox(url.href);
      const message = RegExp(`grant create on schema "sheethook" to "${role}"`);
      await assert.rejects(writer.mirror.views!.create(VIEWED, "orders"), { code: "inbox_unusable", message });
      await query(`grant create on schema sheethook to ${role}`);
      assert.equal((await writer.mirror.views!.create(VIEWED, "orders")).from, "sheethook.orders");
      await writeViewed(writer.mirror, viewedColumns("Thing"));
      assert.deepEqual(await query('select "Thing" from sheethook.orders'), [{ Thing: "Rope" }]);
      assert.equal((await writer.mirror.views!.list())[0]!.columns[0]!.columnId, viewedId(0));
      await Promise.all([inbox.close(), writer.close()]);
      await close();
    });
  });
}

const { builtins } = pg.types;
const PARSERS: Readonly<Record<number, (text: string) => unknown>> = {
  [builtins.INT8]: Number,
  [builtins.NUMERIC]: Number,
  [builtins.DATE]: String,
  [builtins.TIMESTAMP]: (text) => text.replace(" ", "T"),
  [builtins.TIMESTAMPTZ]: (text) => new Date(text).toISOString().replace(".000Z", "Z"),
};
const getTypeParser =
  ((oid: number, format: "text") =>
    PARSERS[oid] ?? pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser;
