/** `npm run mutation`: breaks the source in one place after another, and looks whether a test notices. */
import { rmSync } from "node:fs";
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { stripTypeScriptTypes } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { root } from "../tasks/run_command.ts";
import { type Mutant, mutate } from "./mutant.ts";
import { mutatedFiles } from "./mutants.ts";
import { keyOf, OPEN, readResults, rowOf, writeResults } from "./results.ts";
import { COPIED, firstFailure } from "./run_mutant.ts";

const README = join(root, "test/mutation/README.md");
const HELP = `npm run mutation -- [options] [words]

Breaks the source in one place after another, each in a copy, and runs the tests that cover the file until one fails.
With words, only the mutants that have one of them in their file or text. Exit code 1 if there is one that no test catches
and no reason explains, 2 for wrong usage.

  --rest    leaves out those that README.md has a result of
  --write   puts each result into README.md
  --trust   doesn't run the tests without a mutant first
  --check   only looks whether each can be applied
  --help

  npm run mutation -- src/receive
  npm run mutation -- --rest --write
`;

const { options, words } = readArguments();

const all = mutatedFiles.flatMap(({ file, tests, mutants }) => mutants.map((mutant) => ({ file, tests, mutant })));
const rows = await readResults(README);
const isSettled = (file: string, mutant: Mutant) => !(rows.get(keyOf(file, mutant)) ?? OPEN).includes(OPEN);
const chosen = all.filter(({ file, mutant }) =>
  (!words.length || words.some((word) => file.includes(word) || mutant.what.includes(word))) &&
  !(options.rest && isSettled(file, mutant))
);
const misfits = (await Promise.all(chosen.map(({ file, mutant }) => apply(file, mutant).then(() => "", String))))
  .filter(Boolean);
const keys = all.map(({ file, mutant }) => keyOf(file, mutant));
misfits.push(...keys.filter((key, index) => keys.indexOf(key) < index).map((key) => `twice: ${key}`));
if (misfits.length) throw new Error(misfits.join("\n"));
console.log(`${chosen.length} of ${all.length} mutants in ${mutatedFiles.length} files can be applied`);
if (!options.check) await run();

function readArguments() {
  const flag = { type: "boolean" } as const;
  const flags = { rest: flag, write: flag, trust: flag, check: flag, help: flag };
  try {
    const { values, positionals } = parseArgs({ options: flags, allowPositionals: true });
    if (!values.help) return { options: values, words: positionals };
    process.stdout.write(HELP);
    process.exit(0);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n\n${HELP}`);
    process.exit(2);
  }
}

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
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      rmSync(folder, { recursive: true, force: true });
      process.exit(130);
    });
  }
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
      if (options.write) await write(rows);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
  console.log(`${chosen.length} mutants, ${open} that nothing catches and no reason explains`);
  process.exitCode = open ? 1 : 0;
}

/** Else a test that always fails would catch everything. */
async function requireGreen(folder: string, tests: readonly string[]): Promise<void> {
  if (options.trust) return;
  const failed = await firstFailure(folder, tests);
  if (failed !== undefined) throw new Error(`Fails without a mutant: ${failed}`);
}

async function write(rows: ReadonlyMap<string, string>): Promise<void> {
  const ordered = all.flatMap(({ file, mutant }) => rows.get(keyOf(file, mutant)) ?? []);
  await writeResults(README, ordered);
}
