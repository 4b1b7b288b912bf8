import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { sqliteInbox } from "../../../src/inbox/sqlite.ts";
import { acceptedCallback } from "../../support/callbacks.ts";
import { runCli, startServe, withFolder } from "../../support/run_cli.ts";

test("serve fails with one line for an inbox that can't be used", async () => {
  await withFolder(async (folder) => {
    const file = join(folder, "text.db");
    await writeFile(file, "no database".repeat(100));
    const { code, stderr } = await runCli(["serve", "--port", "0", "--inbox", `sqlite:${file}`], {
      env: { SHEETHOOK_SECRETS_FILE: join(folder, "secrets.json") },
      reads: [folder],
    });
    assert.equal(code, 1);
    assert.match(stderr, /Inbox ".*text\.db" can't be used: /);
  });
});

test("serve says at its start that there are dead letters, and nothing of an inbox that owes nothing", async () => {
  await withFolder(async (folder) => {
    const file = join(folder, "inbox.db");
    const start = () =>
      startServe(["--inbox", `sqlite:${file}`], {
        env: { SHEETHOOK_SECRETS_FILE: join(folder, "secrets.json") },
        reads: [folder],
        writes: [folder],
      });
    const first = await start();
    assert.equal(await first.stop(), 0);
    assert.doesNotMatch(first.output, /pending|dead letter/);
    const inbox = sqliteInbox(file);
    await inbox.put(acceptedCallback());
    const [lease] = await inbox.lease(1, 60_000);
    await inbox.finish(lease!, (await inbox.take(lease!))!, { kind: "dead", error: "no" });
    await inbox.release(lease!);
    await inbox.close();
    const second = await start();
    assert.equal(await second.stop(), 0);
    assert.match(second.output, /the inbox has 1 dead letter: `sheethook inbox list --state dead` says why/);
    assert.doesNotMatch(second.output, /pending/);
  });
});
