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
