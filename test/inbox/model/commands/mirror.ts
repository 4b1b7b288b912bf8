import fc from "fast-check";
import assert from "node:assert/strict";
import type { MirrorWrite } from "../../../../src/inbox/mirror.ts";
import { command, describe, fenced, type ModelCommand, pick, type Real, workingOf } from "../command.ts";
import { takenOf } from "../run.ts";
import { laneOf, type Model } from "../state.ts";

const SHEETS = 2;

interface Given {
  readonly sheetId: number;
  readonly isStale: boolean;
  readonly rows: readonly number[];
  readonly deleted: readonly number[];
  readonly isWhole: boolean;
}

const given: fc.Arbitrary<Given> = fc.record({
  sheetId: fc.integer({ min: 1, max: SHEETS }),
  isStale: fc.nat(3).map((n) => n === 0),
  rows: fc.uniqueArray(fc.integer({ min: 1, max: 4 }), { maxLength: 3 }),
  deleted: fc.uniqueArray(fc.integer({ min: 5, max: 6 }), { maxLength: 2 }),
  isWhole: fc.boolean(),
});

/** What is written holds the time, so that each differs. */
function writeOf({ now, sheets, revisions }: Model, { sheetId, isStale, rows, deleted, isWhole }: Given): MirrorWrite {
  const last = sheets.get(sheetId)?.revision;
  const others = [undefined, 1_000_000, ...revisions].filter((revision) => revision !== last);
  return {
    sheet: {
      id: sheetId,
      info: `{"at":${now}}`,
      version: 3,
      readAt: now,
      isWhole,
      reconciled: isWhole ? `"${now}"` : null,
    },
    revision: isStale ? pick(others, rows.length) : last,
    rows: [...rows, ...deleted.map((id) => id - 2)].filter((id, index, all) => all.indexOf(id) === index)
      .map((id) => ({ id, json: `{"at":${now}}`, readFor: id })),
    deleted: deleted.map((id) => id - 4).filter((id) => !rows.includes(id)),
  };
}

function store(model: Model, write: MirrorWrite, revision: number): void {
  assert.ok(!model.revisions.has(revision), "each write makes a new revision");
  model.revisions.add(revision);
  const known = model.sheets.get(write.sheet.id) ?? { rows: new Map() };
  const sheet = { ...known, sheet: write.sheet, revision };
  for (const id of write.deleted) sheet.rows.delete(id);
  for (const row of write.rows) sheet.rows.set(row.id, row);
  model.sheets.set(write.sheet.id, sheet);
}

async function compareMirror({ sheets }: Model, { inboxes: [inbox] }: Real): Promise<void> {
  const { mirror } = inbox!;
  const expected = [...sheets.values()].map(({ sheet, revision, rows }) => ({
    ...sheet,
    revision,
    rowCount: rows.size,
  }));
  assert.deepEqual(await mirror.sheets(), expected.toSorted((a, b) => a.id - b.id), "the sheets");
  for (let id = 1; id <= SHEETS; id++) {
    const rows = [...sheets.get(id)?.rows.values() ?? []].toSorted((a, b) => a.id - b.id);
    assert.deepEqual(await mirror.rowsAfter(id, 0, 100), rows, `the rows of sheet ${id}`);
    assert.deepEqual(await mirror.rowsAfter(id, 2, 1), rows.filter((row) => row.id > 2).slice(0, 1));
  }
}

export const write: fc.Arbitrary<ModelCommand> = fc.tuple(fc.nat(2), given).map(([worker, given]) =>
  command("mirror.write", async (model, real, say) => {
    const write = writeOf(model, given);
    say(`${given.isStale ? "stale " : ""}${JSON.stringify(write)}`);
    const revision = await real.inboxes[worker]!.mirror.write(write);
    assert.equal(revision !== undefined, write.revision === model.sheets.get(given.sheetId)?.revision, "the revision");
    if (revision !== undefined) store(model, write, revision);
    await compareMirror(model, real);
  })
);

export const derive: fc.Arbitrary<ModelCommand> = fc.tuple(given, fc.nat(5), fc.nat(5), fc.nat(3), fc.boolean()).map((
  [given, of, lost, shift, isLast],
) =>
  command("mirror.derive", async (model, real, say) => {
    const held = pick(workingOf(model, lost === 0), of);
    const entry = model.callbacks.get(held.work!.id);
    const parts = entry?.parts.length ?? 0;
    const part = { number: shift ? parts : parts + 1, json: `[${model.now}]`, isLast };
    const write = writeOf(model, given);
    say(
      `${describe(held)} ${held.work!.id} part ${part.number} ${given.isStale ? "stale " : ""}${JSON.stringify(write)}`,
    );
    const { mirror } = real.inboxes[held.worker]!;
    const derived = await fenced(model, held, () => mirror.derive(held.lease, held.work!, write, part), say);
    if (derived) {
      const isRight = write.revision === model.sheets.get(given.sheetId)?.revision && part.number === parts;
      assert.equal(derived.result !== undefined, isRight, "the revision");
      if (derived.result !== undefined) {
        store(model, write, derived.result);
        takenOf(model, held).parts.push(part);
      }
    }
    await compareMirror(model, real);
    await compareParts(model, real);
  }, (model) => workingOf(model, lost === 0).length > 0)
);

async function compareParts(model: Model, { inboxes: [inbox] }: Real): Promise<void> {
  for (const { id, parts } of model.callbacks.values()) {
    const isComplete = parts.some(({ isLast }) => isLast);
    for (let number = 0; number <= parts.length; number++) {
      const part = parts[number];
      const found = await inbox!.mirror.changesOf(id, number);
      assert.deepEqual(
        found && { ...found },
        part && { ...part, isComplete: found?.isComplete && isComplete },
        "changes",
      );
    }
  }
}

export const changesOf: fc.Arbitrary<ModelCommand> = fc.constant(
  command("mirror.changesOf", compareParts),
);

export const drop: fc.Arbitrary<ModelCommand> = fc.integer({ min: 1, max: SHEETS }).map((sheetId) =>
  command("mirror.drop", async (model, real, say) => {
    say(`sheet ${sheetId}`);
    assert.equal(await real.inboxes[0]!.mirror.drop(sheetId), model.sheets.delete(sheetId));
    await compareMirror(model, real);
  })
);

/** What waits behind the callback that is taken; and whether anything was told of a sheet. */
export const waiting: fc.Arbitrary<ModelCommand> = fc.tuple(fc.nat(5), fc.integer({ min: 1, max: 3 })).map((
  [of, limit],
) =>
  command("mirror.waiting", async (model, real, say) => {
    const held = pick(workingOf(model, false), of);
    say(describe(held));
    const { mirror } = real.inboxes[held.worker]!;
    const { queue, id } = laneOf(model, held.lease.lane);
    const behind = queue.slice(1, 1 + limit).map(({ id, callback }) => ({ id, callback }));
    assert.deepEqual((await mirror.waiting(held.lease, limit)).map((each) => ({ ...each })), behind);
    for (const since of [...model.given.map(({ acceptedAt }) => acceptedAt), model.now + 1]) {
      const told = [...model.callbacks.values()].some(({ callback }) =>
        callback.scopeObjectId === id && callback.acceptedAt >= since
      );
      assert.equal(await mirror.toldSince(id, since), told, "told since");
    }
  }, (model) => workingOf(model, false).some((held) => !held.isRefused))
);
