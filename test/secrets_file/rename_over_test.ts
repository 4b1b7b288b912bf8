import assert from "node:assert/strict";
import fs from "node:fs";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { isSameFile } from "../../src/secrets_file/change_secrets_file.ts";
import { renameOver } from "../../src/secrets_file/rename_over.ts";
import { withFolder } from "../support/run_cli.ts";

/** Runs `use` while a rename is refused `times` times, as Windows does while somebody has the target open. */
async function whileRefused(code: string, times: number, use: (tries: () => number) => Promise<void>): Promise<void> {
  const { renameSync } = fs;
  let tries = 0;
  fs.renameSync = (from, to) => {
    if (tries++ < times) throw Object.assign(new Error(`${code}: refused`), { code });
    renameSync(from, to);
  };
  try {
    await use(() => tries);
  } finally {
    fs.renameSync = renameSync;
  }
}

test("on Windows a rename over a file that somebody has open is tried again", async () => {
  await withFolder(async (folder) => {
    const [from, to] = [join(folder, "a.new"), join(folder, "a")];
    for (const code of ["EPERM", "EACCES", "EBUSY"]) {
      await writeFile(from, code);
      await writeFile(to, "old");
      await whileRefused(code, 3, async (tries) => {
        await renameOver(from, to, true);
        assert.equal(tries(), 4);
      });
      assert.deepEqual([await readFile(to, "utf8"), await readdir(folder)], [code, ["a"]]);
    }
  });
});

test("a rename that fails for another reason, or elsewhere, is not tried again", async () => {
  for (const [code, isWindows] of [["ENOSPC", true], ["EBUSY", false], ["EPERM", false]] as const) {
    await whileRefused(code, 1, async (tries) => {
      await assert.rejects(renameOver("/nonexistent/a", "/nonexistent/b", isWindows), { code });
      assert.equal(tries(), 1);
    });
  }
});

test("a file is the same by its number, where Windows tells no device for a path", () => {
  assert.ok(isSameFile({ dev: 0, ino: 7 }, { dev: 3, ino: 7 }));
  assert.ok(isSameFile({ dev: 3, ino: 7 }, { dev: 3, ino: 7 }));
  assert.ok(!isSameFile({ dev: 0, ino: 7 }, { dev: 3, ino: 8 }));
  assert.ok(!isSameFile({ dev: 2, ino: 7 }, { dev: 3, ino: 7 }));
});
