import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { test } from "node:test";
import { sqliteInbox } from "../../../src/inbox/sqlite.ts";
import type { MirrorWrite } from "../../../src/inbox/mirror.ts";
import { acceptedCallback } from "../../support/callbacks.ts";
import { withFolder } from "../../support/run_cli.ts";
import { changesJson, onlyPart } from "../../support/mirrored_sheet.ts";

const sheet = { id: 7, info: "{}", version: 1, readAt: 1, isWhole: true, reconciled: null };
const rowsFrom = (first: number, count: number) =>
  Array.from({ length: count }, (_, index) => ({ id: first + index, json: "{}", readFor: 0 }));
const stateOf = (revision: number | undefined, rows: MirrorWrite["rows"]) => ({ sheet, revision, rows, deleted: [] });

test("the mirror and changes are there after a restart, and of two processes one writes a revision", async () => {
  await withFolder(async (folder) => {
    const file = join(folder, "inbox.db");
    const first = sqliteInbox(file);
    await first.put(acceptedCallback());
    const [lease] = await first.lease(1, 60_000);
    const work = (await first.take(lease!))!;
    const revision = await first.mirror.derive(lease!, work, stateOf(undefined, rowsFrom(1, 2)), onlyPart("[1]"));
    await first.close();

    const [one, other] = [sqliteInbox(file), sqliteInbox(file)];
    assert.equal(await changesJson(one.mirror, work.id), "[1]");
    assert.deepEqual(await one.mirror.rowsAfter(7, 0, 9), rowsFrom(1, 2));
    const written = await Promise.all(
      [one, other].map(({ mirror }, index) => mirror.write(stateOf(revision, rowsFrom(3 + index, 1)))),
    );
    assert.equal(written.filter((revision) => revision !== undefined).length, 1);
    assert.equal((await other.mirror.sheet(7))!.rowCount, 3);
    await Promise.all([one.close(), other.close()]);
  });
});

test("a sheet that is being dropped is written by nobody, and isn't whole", async () => {
  await withFolder(async (folder) => {
    const { mirror, close } = sqliteInbox(join(folder, "inbox.db"));
    let revision = await mirror.write(stateOf(undefined, rowsFrom(1, 500)));
    revision = await mirror.write(stateOf(revision, rowsFrom(501, 500)));
    const dropped = mirror.drop(7);
    const written = [undefined, revision].map((revision) => mirror.write(stateOf(revision, rowsFrom(1, 1))));
    assert.deepEqual(await Promise.all(written), [undefined, undefined]);
    const { isWhole, rowCount } = (await mirror.sheet(7))!;
    assert.deepEqual({ isWhole, rowCount }, { isWhole: false, rowCount: 500 });
    assert.equal(await dropped, true);
    assert.deepEqual([await mirror.sheets(), await mirror.rowsAfter(7, 0, 9)], [[], []]);
    await close();
  });
});

test("a file that was salvaged without its counters gives no revision again", async () => {
  await withFolder(async (folder) => {
    const file = join(folder, "inbox.db");
    const inbox = sqliteInbox(file);
    const revision = await inbox.mirror.write(stateOf(undefined, []));
    await inbox.close();
    const database = new DatabaseSync(file);
    database.exec("delete from counters");
    database.close();
    const saved = sqliteInbox(file);
    assert.ok((await saved.mirror.write(stateOf(revision, [])))! > revision!);
    await saved.close();
  });
});
