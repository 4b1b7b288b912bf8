import assert from "node:assert/strict";
import { rowFromJson, rowToJson, storeRows } from "../../../../src/mirror/stored_row.ts";
import { createModelWorld, type ModelInboxes, type ModelWorld } from "./world.ts";
import type { Plan, Step } from "./plan.ts";
import { OWN_COLUMN } from "./ledger.ts";

/** More turns than any plan needs. */
const MOST_TURNS = 400;

/** Runs a plan, and then a comparison without any trouble. Rejects if something doesn't hold. */
export async function runPlan(plan: Plan, inboxes: ModelInboxes, clock: { now: number }): Promise<void> {
  const world = await createModelWorld(plan, inboxes, clock);
  try {
    for (const step of plan.steps) {
      await take(step, world);
      throwFirst(world);
    }
    await finish(plan, world);
  } catch (error) {
    (error as Error).message += `\n${world.log.lines.slice(-30).join("\n")}`;
    throw error;
  } finally {
    await world.end();
  }
}

function throwFirst({ violations }: ModelWorld): void {
  if (violations.length) throw violations[0]!;
}

async function take(step: Step, world: ModelWorld): Promise<void> {
  const { sheet, clock } = world;
  switch (step.step) {
    case "edit":
      return await sheet.make(step.what);
    case "wait":
      clock.now += step.ms;
      return;
    case "deliver":
      return await deliver(step, world);
    case "work":
      return await workOnce(world);
    case "reconcile":
      return await ask(world, step.reason);
    case "webhook":
      if (step.how === "enabled") await sheet.enable();
      else if (step.how === "disabled") await sheet.disable();
      else sheet.simulator.setSilent(sheet.id, step.how === "silent");
      return;
    case "trap":
      return world.arm(step.trap);
  }
}

async function ask(world: ModelWorld, reason: "disabled" | "silent" | "scheduled" | "manual"): Promise<void> {
  const { receiver, killed } = await world.living();
  await Promise.race([receiver.reconcile({ sheetId: world.sheet.id, reason }), killed]);
}

async function deliver(
  { which, how }: { readonly which: number; readonly how: "once" | "twice" | "lost" | "all" },
  { sheet: { simulator, onTheWay }, send }: ModelWorld,
): Promise<void> {
  await simulator.idle();
  const chosen = how === "all" ? onTheWay.splice(0) : onTheWay.splice(which % Math.max(onTheWay.length, 1), 1);
  if (how === "lost") return;
  for (const callback of chosen) {
    const { status } = await send(callback);
    if (status !== 200 || how === "twice") onTheWay.push(callback);
  }
}

async function workOnce(world: ModelWorld): Promise<void> {
  const process = await world.living();
  await process.work();
}

/** Until nothing waits. */
async function workAll(world: ModelWorld): Promise<void> {
  for (let turn = 0; turn < MOST_TURNS; turn++) {
    await workOnce(world);
    throwFirst(world);
    if ((await world.inbox.overview()).pending === 0) return;
    world.clock.now += 20_000 * 1.3 ** Math.min(turn, 40);
  }
  throw new Error("callbacks wait for ever");
}

async function finish(plan: Plan, world: ModelWorld): Promise<void> {
  const { ledger, sheet, requests } = world;
  world.disarm();
  await world.endZombies();
  if (!plan.isLate) await deliver({ which: 0, how: "all" }, world);
  await workAll(world);
  await ask(world, "manual");
  await workAll(world);
  await assertMirrored(plan, world);
  // What handlers wrote because of it has moved the version.
  await ask(world, "manual");
  const told = ledger.count;
  await workAll(world);
  await assertMirrored(plan, world, { isRead: true });
  requests.length = 0;
  await ask(world, "silent");
  await workAll(world);
  assert.equal(requests.length, 1, `an unchanged sheet: ${requests.join(", ")}`);
  assert.equal(ledger.count, told, "an unchanged sheet has changes");
  sheet.simulator.setSilent(sheet.id, false);
  await deliver({ which: 0, how: "all" }, world);
  await workAll(world);
  await assertMirrored(plan, world);
  ledger.checkGaps();
}

/** @param isRead whether no handler has written since: the answer to a write lacks who made it */
async function assertMirrored(
  { hasModifiedAt }: Plan,
  { ledger, sheet, inbox }: ModelWorld,
  { isRead = false } = {},
): Promise<void> {
  const { columns, rows } = await sheet.read();
  const mirrored = await inbox.mirror.sheet(sheet.id);
  assert.ok(mirrored?.isWhole, "the sheet is mirrored");
  const ids = new Set(columns.map(({ id }) => id));
  const plainColumns = (list: typeof columns) => list.map(({ id, title }) => `${id} ${title}`);
  assert.deepEqual(plainColumns(JSON.parse(mirrored.info).columns), plainColumns(columns), "columns");

  const known = (await inbox.mirror.rowsAfter(sheet.id, 0, 10_000)).map(({ json }) => rowFromJson(json));
  const plain = (list: typeof known) =>
    list.map(({ cells, modifiedAt, modifiedBy, written: _, ...row }) => ({
      ...JSON.parse(rowToJson({ ...row, cells: new Map([...cells].filter(([id]) => ids.has(id))) })),
      ...(isRead && hasModifiedAt && { modifiedAt, modifiedBy }),
    })).sort((a, b) => a.rowNumber - b.rowNumber);
  assert.deepEqual(plain(known), plain(storeRows(rows, columns)), "the mirror");

  const told = columns.filter(({ title }) => title !== OWN_COLUMN);
  for (const row of rows.filter(sheet.isTheirs)) {
    const folded = ledger.rows.get(row.id);
    assert.ok(folded, `nobody was told of row ${row.id}`);
    const values = told.map(({ id, title }) => [title, folded.get(id) ?? null]);
    const now = told.map(({ id, title }) => [title, row.cells.find(({ columnId }) => columnId === id)?.value ?? null]);
    assert.deepEqual(values, now, `what was told of row ${row.id}`);
  }
  const there = new Set(rows.map(({ id }) => id));
  for (const id of ledger.rows.keys()) assert.ok(there.has(id), `nobody was told that row ${id} is gone`);
}
