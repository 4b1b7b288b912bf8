import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

test("the README shows the embedding examples that are tested here, to the letter", () => {
  const { imports } = JSON.parse(read("deno.json")) as { imports: Record<string, string> };
  const blocks = [
    ...read("test/embed/README.md").matchAll(/<!-- (test\/embed\/\w+\.ts) -->\n+```ts ignore\n([^]*?)```/g),
  ];
  assert.equal(blocks.length, 8);
  for (const [, path, code] of blocks) {
    const asShown = Object.entries(imports).reduce(
      (text, [name, file]) => text.replaceAll(`"../../${file.slice(2)}"`, `"${name}"`),
      read(path!),
    );
    assert.equal(code, asShown, path);
  }
});
