import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { MirrorWrite } from "../../../src/inbox/mirror.ts";
import { postgresInbox } from "../../../src/inbox/postgres.ts";
import { createPostgresConnection } from "../../../src/inbox/postgres/connection.ts";
import { createPostgresMirror } from "../../../src/inbox/postgres/mirror.ts";
import { createStatementNames } from "../../../src/inbox/postgres/names.ts";
import type { Statement } from "../../../src/inbox/postgres/statements/sql.ts";
import { parsePostgresUrl } from "../../../src/inbox/postgres/url.ts";
import { acceptedCallback } from "../../support/callbacks.ts";
import { type PostgresServer, startPostgres } from "../../support/postgres.ts";
import { changesJson, onlyPart } from "../../support/mirrored_sheet.ts";

let server: PostgresServer;
before(async () => {
  server = await startPostgres();
});
after(() => server.end());

const sheet = { id: 7, info: "{}", version: 1, readAt: 1, isWhole: true, reconciled: null };
const row = (id: number, json = "{}") => ({ id, json, readFor: 0 });
const stateOf = (revision: number | undefined, rows: MirrorWrite["rows"], deleted: readonly number[] = []) => ({
  sheet,
  revision,
  rows,
  deleted,
});

test("a write whose answer is lost and that is repeated is stored once, and its changes stay", async () => {
  const schema = "repeated";
  const inbox = postgresInbox(server.url, { schema });
  const connection = createPostgresConnection({
    address: parsePostgresUrl(server.url),
    timeoutMs: 10_000,
    names: createStatementNames(),
    prepare: async () => {},
  });
  /** Every transaction is committed before it runs again, and only then answered. */
  const transaction = (async (...statements: Statement[]) => {
    await connection.transaction(...statements);
    return await connection.transaction(...statements);
  }) as typeof connection.transaction;
  const mirror = createPostgresMirror({ ...connection, transaction }, { schema, owner: "", now: () => null });
  try {
    await inbox.put(acceptedCallback());
    const first = await mirror.write(stateOf(undefined, [row(1), row(2), row(3)]));
    assert.ok(first);
    const second = await mirror.write(stateOf(first, [row(2), row(4)], [1]));
    assert.equal((await inbox.mirror.sheet(7))!.revision, second);
    assert.equal((await inbox.mirror.sheet(7))!.rowCount, 3);

    const [lease] = await inbox.lease(1, 60_000);
    const work = (await inbox.take(lease!))!;
    const third = await mirror.derive(lease!, work, stateOf(second, [row(5)]), onlyPart("[1]"));
    assert.ok(third);
    const { revision, rowCount } = (await inbox.mirror.sheet(7))!;
    assert.deepEqual({ revision, rowCount }, { revision: third, rowCount: 4 });
    // Its own repetition comes behind another write.
    await inbox.mirror.write(stateOf(third, [row(6)]));
    assert.equal(await mirror.derive(lease!, work, stateOf(third, []), onlyPart("[]")), undefined);
    assert.equal(await changesJson(inbox.mirror, work.id), "[1]");

    await inbox.mirror.views!.create(7, "repeated");
    const titled = { ...sheet, info: '{"columns":[{"id":1,"title":"Item"}]}' };
    const { revision: last } = (await inbox.mirror.sheet(7))!;
    const renewed = await mirror.write({ ...stateOf(last, [row(7)]), sheet: titled });
    assert.equal((await inbox.mirror.sheet(7))!.revision, renewed);
    const [view] = await inbox.mirror.views!.list();
    assert.deepEqual([view!.columns.map(({ name }) => name), view!.problem], [["Item"], null]);
  } finally {
    await connection.close();
    await inbox.close();
  }
});

test("what several processes write of one sheet and of many is counted right", async () => {
  const inboxes = [1, 2, 3].map(() => postgresInbox(server.url, { schema: "shared" }));
  try {
    await Promise.all(inboxes.map(async ({ mirror }, process) => {
      for (let id = 1; id <= 20; id++) {
        await mirror.write({ ...stateOf(undefined, [row(id)]), sheet: { ...sheet, id: 100 * process + id } });
        const add = async () =>
          await mirror.write(
            stateOf((await mirror.sheet(7))?.revision, [row(100 * process + id)], [id - 1]),
          ) !== undefined;
        while (!await add());
      }
    }));
    const { mirror } = inboxes[0]!;
    const sheets = await mirror.sheets();
    for (const { id, rowCount } of sheets) assert.equal((await mirror.rowsAfter(id, -1, 1000)).length, rowCount);
    assert.equal((await mirror.sheet(7))!.rowCount, 40 + 1);
  } finally {
    await Promise.all(inboxes.map((inbox) => inbox.close()));
  }
});

test("a text that Postgres can't hold is stored with what it can hold", async () => {
  const inbox = postgresInbox(server.url, { schema: "odd" });
  try {
    const first = await inbox.mirror.write(stateOf(undefined, [row(1, "a\0b\uD800c"), row(1, '{"last":1}')]));
    assert.deepEqual(await inbox.mirror.rows(7, [1]), [row(1, '{"last":1}')]);
    await inbox.mirror.write(stateOf(first, [row(1, "a\0b\uD800c")]));
    assert.deepEqual(await inbox.mirror.rows(7, [1]), [row(1, "a\uFFFDb\uFFFDc")]);
  } finally {
    await inbox.close();
  }
});
