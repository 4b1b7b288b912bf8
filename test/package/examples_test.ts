import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { codeBlocks, documents } from "../support/documents.ts";
import { reachedFrom, type SourceFile } from "../tasks/imports.ts";
import { root, runCommand } from "../tasks/run_command.ts";

// Every example that a reader may copy is checked and run: those in the docstrings of all that is exported, and in what
// users read. An example that can't run here (it serves for ever, or calls Smartsheet) is marked `ts ignore` there.
test("examples in the documentation run", async () => {
  const { exports } = JSON.parse(await readFile(join(root, "deno.json"), "utf8"));
  const files = await readSources();
  const entries = Object.values<string>(exports).map((path) => path.slice(2));
  const paths = new Set(entries.flatMap((entry) => reachedFrom(entry, files).map(({ path }) => path)));
  const texts = (await documents()).map(({ path }) => path);
  const result = await runCommand(["deno", "test", "--doc", "-A", ...paths, ...texts]);
  assert.equal(result.code, 0, result.output);
  assert.match(result.output, /\b[1-9]\d* passed/);
});

// Those of test/embed are run as files of their own.
test("examples that can't run here have the right types", async () => {
  const folder = await mkdtemp(join(tmpdir(), "sheethook-examples-"));
  try {
    const programs = (await codeBlocks()).filter(({ path, language, attributes, code }) =>
      language === "ts" && attributes === "ignore" && code.startsWith("import ") && !path.startsWith("test/")
    );
    assert.ok(programs.length);
    const paths = programs.map((_, index) => join(folder, `${index}.ts`));
    for (const [index, { code }] of programs.entries()) await writeFile(paths[index]!, code);
    const result = await runCommand(["deno", "check", "--config", join(root, "deno.json"), ...paths]);
    assert.equal(result.code, 0, result.output);
  } finally {
    await rm(folder, { recursive: true });
  }
});

async function readSources(): Promise<SourceFile[]> {
  const names = await readdir(join(root, "src"), { recursive: true });
  const paths = ["mod.ts", ...names.filter((name) => name.endsWith(".ts")).map((name) => `src/${name}`)];
  return Promise.all(paths.map(async (path) => ({ path, text: await readFile(join(root, path), "utf8") })));
}
