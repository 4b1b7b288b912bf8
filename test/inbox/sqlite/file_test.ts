import assert from "node:assert/strict";
import { chmodSync, readdirSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { sqliteInbox } from "../../../src/inbox/sqlite.ts";
import { makePrivateFile } from "../../../src/inbox/sqlite/file.ts";
import { acceptedCallback, createLog } from "../../support/callbacks.ts";
import { withFolder } from "../../support/run_cli.ts";

const modesOf = (folder: string) =>
  readdirSync(folder).sort().map((name) => `${name} ${(statSync(join(folder, name)).mode & 0o777).toString(8)}`);

/** Runs `use`, which must not wait, with a umask. */
function withUmask<Result>(umask: number, use: () => Result): Result {
  const before = process.umask(umask);
  try {
    return use();
  } finally {
    process.umask(before);
  }
}

const options = { skip: process.platform === "win32" ? "Windows has no modes" : false };

for (const umask of [0o022, 0]) {
  test(`the files of sqliteInbox() are its user's alone, with umask ${umask.toString(8)}`, options, async () => {
    await withFolder(async (folder) => {
      const file = join(folder, "inbox.db");
      const log = createLog();
      withUmask(umask, () => makePrivateFile(file));
      assert.deepEqual(modesOf(folder), ["inbox.db 600"], "before SQLite opens it");
      const inbox = withUmask(umask, () => sqliteInbox(file, { logger: log }));
      await inbox.put(acceptedCallback());
      assert.deepEqual(modesOf(folder), ["inbox.db 600", "inbox.db-shm 600", "inbox.db-wal 600"]);
      await inbox.close();

      const linked = join(folder, "linked.db");
      symlinkSync(join(folder, "target.db"), linked);
      await withUmask(umask, () => sqliteInbox(linked, { logger: log })).close();
      assert.equal(statSync(linked).mode & 0o777, 0o600);
      assert.deepEqual(log.lines, []);
    });
  });
}

test("sqliteInbox() leaves the mode of a file that is there, and warns if others can read it", options, async () => {
  await withFolder(async (folder) => {
    const file = join(folder, "inbox.db");
    await sqliteInbox(file).close();
    for (const [mode, warnings] of [[0o644, 1], [0o640, 0]] as const) {
      chmodSync(file, mode);
      const log = createLog();
      await sqliteInbox(file, { logger: log }).close();
      assert.equal(statSync(file).mode & 0o777, mode);
      assert.equal(log.lines.length, warnings);
      if (warnings) {
        assert.match(log.lines[0]!, /^warn .*can read the inbox .*inbox\.db \(mode 644\): chmod 600 .*inbox\.db\*$/);
      }
    }
  });
});
