/**
 * `npm run mutation` breaks the source in one place after another, each in a copy, and runs the tests that cover the file.
 * `npm run mutation -- handler` runs only the mutants with `handler` in their file or text; `--write` puts what they did into
 * README.md, `--rest` leaves out what stands there already; `--check` only looks whether each can be applied.
 */
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { stripTypeScriptTypes } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "../tasks/run_command.ts";
import { type Mutant, mutate } from "./mutant.ts";
import { mutatedFiles } from "./mutants.ts";
import { keyOf, OPEN, readResults, rowOf, writeResults } from "./results.ts";
import { COPIED, firstFailure } from "./run_mutant.ts";

const README = join(root, "test/mutation/README.md");
const args = process.argv.slice(2);
const words = args.filter((arg) => !arg.startsWith("--"));

const all = mutatedFiles.flatMap(({ file, tests, mutants }) => mutants.map((mutant) => ({ file, tests, mutant })));
const rows = await readResults(README);
const isSettled = (file: string, mutant: Mutant) => !(rows.get(keyOf(file, mutant)) ?? OPEN).includes(OPEN);
const chosen = all.filter(({ file, mutant }) =>
  (!words.length || words.some((word) => file.includes(word) || mutant.what.includes(word))) &&
  !(args.includes("--rest") && isSettled(file, mutant))
);
const misfits = (await Promise.all(chosen.map(({ file, mutant }) => apply(file, mutant).then(() => "", String))))
  .filter(Boolean);
const keys = all.map(({ file, mutant }) => keyOf(file, mutant));
misfits.push(...keys.filter((key, index) => keys.indexOf(key) < index).map((key) => `twice: ${key}`));
if (misfits.length) throw new Error(misfits.join("\n"));
console.log(`${chosen.length} of ${all.length} mutants in ${mutatedFiles.length} files can be applied`);
if (!args.includes("--check")) await run();

/** The file with the mistake in it. */
async function apply(file: string, mutant: Mutant): Promise<string> {
  try {
    const text = mutate(await readFile(join(root, file), "utf8"), mutant);
    stripTypeScriptTypes(text);
    return text;
  } catch (cause) {
    throw new Error(`${file}, ${mutant.what}: ${cause}`, { cause });
  }
}

async function run(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "sheethook-mutation-"));
  let open = 0;
  try {
    for (const name of COPIED) await cp(join(root, name), join(folder, name), { recursive: true });
    await symlink(join(root, "node_modules"), join(folder, "node_modules"));
    for (const tests of new Set(chosen.map(({ tests }) => tests))) await requireGreen(folder, tests);
    for (const [index, { file, tests, mutant }] of chosen.entries()) {
      const began = performance.now();
      await writeFile(join(folder, file), await apply(file, mutant));
      const caughtBy = await firstFailure(folder, tests);
      await cp(join(root, file), join(folder, file));
      if (caughtBy === undefined && mutant.survives === undefined) open++;
      rows.set(keyOf(file, mutant), rowOf(file, mutant, caughtBy));
      const seconds = ((performance.now() - began) / 1000).toFixed(1);
      console.log(`${index + 1}/${chosen.length} ${seconds} s ${rowOf(file, mutant, caughtBy)}`);
      if (args.includes("--write")) await write(rows);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
  console.log(`${chosen.length} mutants, ${open} that nothing catches and no reason explains`);
  process.exitCode = open ? 1 : 0;
}

/** Else a test that always fails would catch everything. */
async function requireGreen(folder: string, tests: readonly string[]): Promise<void> {
  if (args.includes("--trust")) return;
  const failed = await firstFailure(folder, tests);
  if (failed !== undefined) throw new Error(`Fails without a mutant: ${failed}`);
}

async function write(rows: ReadonlyMap<string, string>): Promise<void> {
  const ordered = all.flatMap(({ file, mutant }) => rows.get(keyOf(file, mutant)) ?? []);
  await writeResults(README, ordered);
}
