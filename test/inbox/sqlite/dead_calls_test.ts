import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { test } from "node:test";
import type { StoredCallback } from "../../../src/inbox/inspect.ts";
import { sqliteInbox } from "../../../src/inbox/sqlite.ts";
import { withFolder } from "../../support/run_cli.ts";
import { startChild } from "../../support/runtime.ts";
import { type SmallDisk, smallDiskKinds } from "../../support/small_disk.ts";

const PROGRAM = new URL("./dead_calls_program.ts", import.meta.url);
const permissionsFor = (folder: string) => [`--allow-read=${folder}`, `--allow-write=${folder}`];

/** The callback, of which each dead call is there once, with its own error, and counted. */
async function checkCallback(file: string): Promise<StoredCallback> {
  const database = new DatabaseSync(file);
  const [check] = database.prepare("pragma quick_check").all();
  const broken = database.prepare("pragma foreign_key_check").all();
  const counted = database.prepare("select dead_count as count from callbacks").get() as { count: number };
  const texts = database.prepare("select count(*) as count from errors").get() as { count: number };
  database.close();
  assert.deepEqual([{ ...check }, broken], [{ quick_check: "ok" }, []]);
  const inbox = sqliteInbox(file);
  const found = (await inbox.show(1))!;
  await inbox.close();
  found.deadCalls.forEach(({ number, call, error }, index) => {
    assert.deepEqual([number, call.event], [index + 1, index]);
    assert.ok(error.startsWith(`Error: no ${index}\nxxx`), error);
  });
  assert.deepEqual([counted.count, texts.count], [found.deadCalls.length, found.deadCalls.length]);
  assert.equal(found.failures.length, Math.min(found.deadCalls.length, 100));
  return found;
}

const savedOf = (output: string) => Number(/.*saved (\d+)/s.exec(output)![1]);

test("a process that is killed while it saves dead calls leaves those that it has saved, and where it was", async () => {
  await withFolder(async (folder) => {
    const file = join(folder, "inbox.db");
    const child = await startChild(PROGRAM, [file], { permissions: permissionsFor(folder), ready: /(saved) 150\n/ });
    await child.kill();
    const { state, position, deadCalls } = await checkCallback(file);
    assert.equal(state, "pending");
    assert.equal(position!.event, deadCalls.length);
    assert.ok(deadCalls.length >= savedOf(child.output), `${deadCalls.length} of ${savedOf(child.output)}`);
  });
});

async function fillAndFree({ folder, through, free }: SmallDisk): Promise<void> {
  const file = join(folder, "inbox.db");
  const options = { permissions: permissionsFor(folder), through, ready: /(refused): .*(full|I\/O)/ };
  const child = await startChild(PROGRAM, [file, "250"], options);
  try {
    const before = savedOf(child.output);
    assert.ok(before < 250);
    // An hour later: or it would find a lease that is too long, and have no room to end it.
    const looking = sqliteInbox(file, { now: () => Date.now() + 3_600_000 });
    assert.equal((await looking.show(1))!.deadCalls.length, before, "nothing of what was refused is there");
    await looking.close();
    await free(child);
    await child.waitFor(/ended/);
    assert.equal(await child.exited, 0, child.output);
    const { state, error, deadCalls } = await checkCallback(file);
    assert.deepEqual([state, deadCalls.length], ["dead", 250]);
    assert.equal(error, deadCalls.at(-1)!.error);
  } finally {
    await child.kill();
  }
}

const kinds = smallDiskKinds();
for (const kind of kinds) {
  test(`a disk that is full while dead calls are saved loses none of them (${kind.name})`, async () => {
    await kind.with(fillAndFree);
  });
}
if (!kinds.length) {
  const skip = "needs prlimit, or a user who may mount";
  test("a disk that is full while dead calls are saved loses none of them", { skip }, () => {});
}
