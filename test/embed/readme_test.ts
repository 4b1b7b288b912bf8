import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

test("the README shows the embedding examples that are tested here, to the letter", () => {
  const blocks = [...read("README.md").matchAll(/<!-- (test\/embed\/\w+\.ts) -->\n+```ts ignore\n([^]*?)```/g)];
  assert.equal(blocks.length, 5);
  for (const [, path, code] of blocks) {
    assert.equal(code, read(path!).replaceAll('"../../mod.ts"', '"sheethook"'), path);
  }
});
