import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { test } from "node:test";
import { sqliteInbox } from "../../../src/inbox/sqlite.ts";
import { openSqliteSource } from "../../../src/inbox/sqlite/source.ts";
import { acceptedCallback } from "../../support/callbacks.ts";
import { withFolder } from "../../support/run_cli.ts";

test("moved() that fails leaves all of its callbacks where they were, and can be tried again", async () => {
  await withFolder(async (folder) => {
    const file = join(folder, "inbox.db");
    const inbox = sqliteInbox(file);
    for (const nonce of ["a", "b"]) await inbox.put(acceptedCallback({ nonce, timestamp: nonce }));
    await inbox.close();
    const database = new DatabaseSync(file);
    database.exec(`
      create trigger refusal before update on callbacks when new.id = 2
      begin select raise(abort, 'the second is refused'); end`);
    database.close();

    const source = await openSqliteSource(file);
    const callbacks = source.next(10);
    assert.equal(callbacks.length, 2);
    const refused = { code: "inbox_unusable", message: /inbox\.db" can't be used: .*the second is refused/ };
    for (let count = 0; count < 2; count++) assert.throws(() => source.moved(callbacks, "elsewhere"), refused);
    assert.equal(source.count(), 2);
    source.moved(callbacks.slice(0, 1), "elsewhere");
    assert.equal(source.count(), 1);
    source.close();
  });
});

test("next() gives dead calls with their numbers, states and errors, and failures with their calls; moved() skips them", async () => {
  await withFolder(async (folder) => {
    const file = join(folder, "inbox.db");
    const inbox = sqliteInbox(file);
    for (const [index, nonce] of ["a", "b"].entries()) {
      await inbox.put(acceptedCallback({ nonce, timestamp: nonce, scopeObjectId: index }));
    }
    const position = (event: number) => ({ event, handler: 0, fingerprint: "f" });
    const ended = [1, 2, 3].map((event) => ({
      call: position(event),
      handler: "row.* save#1",
      attempt: 15,
      error: `Error: no\n    at ${event % 2}`,
    }));
    const [one, other] = await inbox.lease(2, 20_000);
    await inbox.finish(one!, (await inbox.take(one!))!, { kind: "dead", ended });
    await inbox.release(one!);
    await inbox.skip([1], { calls: [2] });
    await inbox.replay([1], { calls: [3] });
    // Its process is killed.
    await inbox.saveProgress(other!, (await inbox.take(other!))!, { position: position(7), attempt: 1, ended });
    const shown = await Promise.all([1, 2].map((id) => inbox.show(id)));
    await inbox.close();

    const source = await openSqliteSource(file);
    const moving = source.next(10);
    source.moved(moving, "elsewhere");
    source.close();
    const [running, replayed] = moving;
    assert.deepEqual([running!.id, replayed!.id], [2, 1], "the replayed one is at the end");
    assert.deepEqual(replayed!.deadCalls, shown[0]!.deadCalls);
    assert.deepEqual(replayed!.deadCalls.map(({ number, state }) => [number, state]), [[1, "dead"], [2, "skipped"], [
      3,
      "owed",
    ]]);
    assert.deepEqual(running!.deadCalls, shown[1]!.deadCalls);
    assert.deepEqual(running!.failures.slice(0, -1), shown[1]!.failures);
    const { attempt, call, error } = running!.failures.at(-1)!;
    assert.deepEqual([attempt, call], [1, position(7)]);
    assert.match(error, /^Never ended/);
    const left = sqliteInbox(file);
    assert.ok((await left.show(1))!.deadCalls.every(({ state }) => state === "skipped"));
    assert.deepEqual(await left.lease(9, 20_000), []);
    await left.close();
  });
});

test("next() gives no more callbacks at once than one that has thousands of dead calls", async () => {
  await withFolder(async (folder) => {
    const file = join(folder, "inbox.db");
    const inbox = sqliteInbox(file);
    for (const nonce of ["a", "b", "c"]) await inbox.put(acceptedCallback({ nonce, timestamp: nonce }));
    const [lease] = await inbox.lease(1, 20_000);
    const ended = Array.from({ length: 6000 }, (_, event) => ({
      call: { event, handler: 0, fingerprint: "f" },
      handler: "row.* save#1",
      attempt: 1,
      error: "E",
    }));
    await inbox.finish(lease!, (await inbox.take(lease!))!, { kind: "dead", ended });
    await inbox.close();
    const source = await openSqliteSource(file);
    for (const ids of [[1], [2, 3], []]) {
      const moving = source.next(10);
      assert.deepEqual(moving.map(({ id }) => id), ids);
      source.moved(moving, "elsewhere");
    }
    source.close();
  });
});
