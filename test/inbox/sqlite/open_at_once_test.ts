import assert from "node:assert/strict";
import { test } from "node:test";
import { withFolder } from "../../support/run_cli.ts";
import { startChild } from "../../support/runtime.ts";

const FILES = 40;

test("sqliteInbox() makes a file that another process makes at the same moment", async () => {
  await withFolder(async (folder) => {
    const program = new URL("./open_at_once_program.ts", import.meta.url);
    const args = [folder, String(Date.now() + 1500), String(FILES)];
    const options = { permissions: [`--allow-read=${folder}`, `--allow-write=${folder}`], ready: /()/ };
    const children = await Promise.all([1, 2].map(() => startChild(program, args, options)));
    try {
      for (const child of children) assert.equal(await child.exited, 0, child.output);
    } finally {
      for (const child of children) await child.kill();
    }
  });
});
