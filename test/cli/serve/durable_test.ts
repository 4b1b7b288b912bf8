import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { runCli, withFolder } from "../../support/run_cli.ts";

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
