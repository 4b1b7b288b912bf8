// What every inbox must do with the mirror. Its own test calls this with a way to open an empty one.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Inbox, Lease, Outcome, Work } from "../../src/inbox/inbox.ts";
import type { InspectableInbox } from "../../src/inbox/inspect.ts";
import type { MirroredRow, MirrorWrite } from "../../src/inbox/mirror.ts";
import { acceptedCallback } from "../support/callbacks.ts";
import type { Clock } from "./inbox_suite.ts";
import { changesJson, onlyPart } from "../support/mirrored_sheet.ts";

const START = Date.UTC(2026, 0, 1);
const LEASE_MS = 20_000;
/** As large as ids get. */
const SHEET = Number.MAX_SAFE_INTEGER;
const done: Outcome = { kind: "done" };
const position = { event: 0, handler: 0, fingerprint: "f" };
const dead: Outcome = { kind: "dead", error: "E", position };
const odd = JSON.stringify({ text: 'a\0b\uD800c é 😀 "\\' });

type FullInbox = Inbox & InspectableInbox;

interface Opened {
  readonly inbox: FullInbox;
  readonly clock: Clock;
  put(): Promise<number>;
  /** Leases the lane, and takes its first callback. */
  take(): Promise<{ readonly lease: Lease; readonly work: Work }>;
  /** Ends what {@linkcode take} took. */
  end(taken: { readonly lease: Lease; readonly work: Work }, outcome?: Outcome): Promise<void>;
}

const row = (id: number, readFor = 0, json = `{"id":${id}}`): MirroredRow => ({ id, json, readFor });

function stateOf(
  { sheet, ...rest }: Partial<Omit<MirrorWrite, "sheet">> & { readonly sheet?: Partial<MirrorWrite["sheet"]> } = {},
): MirrorWrite {
  return {
    sheet: { id: SHEET, info: odd, version: 1, readAt: START, isWhole: true, reconciled: null, ...sheet },
    revision: undefined,
    rows: [],
    deleted: [],
    ...rest,
  };
}

const byId = (rows: readonly MirroredRow[]) => rows.toSorted((a, b) => a.id - b.id);

export function mirrorSuite(name: string, open: (clock: Clock) => FullInbox | Promise<FullInbox>): void {
  function mirrorTest(title: string, run: (opened: Opened) => Promise<void>): void {
    test(title, async () => {
      const clock = { now: START };
      const inbox = await open(clock);
      let last = 0;
      try {
        await run({
          inbox,
          clock,
          async put() {
            const nonce = `n${++last}`;
            await inbox.put(acceptedCallback({ nonce, timestamp: nonce, scopeObjectId: 1 }));
            return (await inbox.find({}, 1))[0]!;
          },
          async take() {
            const [lease] = await inbox.lease(1, LEASE_MS);
            return { lease: lease!, work: (await inbox.take(lease!))! };
          },
          async end({ lease, work }, outcome = done) {
            await inbox.finish(lease, work, outcome);
            await inbox.release(lease);
          },
        });
      } finally {
        await inbox.close();
      }
    });
  }

  describe(name, () => {
    mirrorTest(
      "write() stores a sheet and its rows, and sheet(), sheets() and rows() give them back",
      async (opened) => {
        const { mirror } = opened.inbox;
        assert.equal(await mirror.sheet(SHEET), undefined);
        assert.deepEqual([await mirror.sheets(), await mirror.rows(SHEET, [1])], [[], []]);
        const first = stateOf({ rows: [row(2, 7, odd), row(1)], sheet: { isWhole: false, reconciled: null } });
        const revision = await mirror.write(first);
        assert.equal(typeof revision, "number");
        assert.deepEqual(await mirror.sheet(SHEET), { ...first.sheet, revision, rowCount: 2 });
        await mirror.write(stateOf({ sheet: { id: 5 }, rows: [row(2), row(4)] }));
        assert.deepEqual(byId(await mirror.rows(SHEET, [3, 2, 1])), [row(1), row(2, 7, odd)]);
        assert.deepEqual(await mirror.rows(SHEET, []), []);
        assert.deepEqual((await mirror.sheets()).map(({ id, rowCount }) => [id, rowCount]), [[5, 2], [SHEET, 2]]);

        const changed = {
          id: SHEET,
          info: '{"name":"B"}',
          version: 9,
          readAt: START + 1,
          isWhole: true,
          reconciled: null,
        };
        const rows = [row(1, 8, '{"a":1}'), row(4)];
        const next = await mirror.write({ sheet: changed, revision, rows, deleted: [2, 3] });
        assert.notEqual(next, revision);
        assert.deepEqual(await mirror.sheet(SHEET), { ...changed, revision: next, rowCount: 2 });
        assert.deepEqual(byId(await mirror.rows(SHEET, [1, 2, 4])), rows);
        assert.deepEqual(byId(await mirror.rows(5, [1, 2, 4])), [row(2), row(4)]);
      },
    );

    mirrorTest("a sheet may be read at a fraction of a millisecond", async ({ inbox: { mirror } }) => {
      await mirror.write(stateOf({ sheet: { readAt: START + 0.6 } }));
      const { readAt } = (await mirror.sheet(SHEET))!;
      assert.ok(readAt >= START && readAt <= START + 1, `${readAt}`);
      assert.equal(await mirror.toldSince(SHEET, START + 0.6), false);
    });

    mirrorTest("write() stores nothing unless it is based on the last revision", async ({ inbox: { mirror } }) => {
      assert.equal(await mirror.write(stateOf({ revision: 1, rows: [row(1)] })), undefined, "there is no sheet");
      assert.deepEqual([await mirror.sheet(SHEET), await mirror.rows(SHEET, [1])], [undefined, []]);
      const first = await mirror.write(stateOf({ rows: [row(1)] }));
      const stale = { sheet: { info: "{}" }, rows: [row(1, 1), row(2)], deleted: [1] };
      assert.equal(await mirror.write(stateOf(stale)), undefined, "there is a sheet");
      const second = await mirror.write(stateOf({ revision: first }));
      assert.equal(await mirror.write(stateOf({ ...stale, revision: first })), undefined);
      assert.deepEqual(await mirror.sheet(SHEET), { ...stateOf().sheet, revision: second, rowCount: 1 });
      assert.deepEqual(await mirror.rows(SHEET, [1, 2]), [row(1)]);
    });

    mirrorTest("of two that write at the same time, one stores all and the other nothing", async (opened) => {
      const { mirror } = opened.inbox;
      let revision: number | undefined;
      for (let count = 0; count < 5; count++) {
        const numbers = [1, 2, 3];
        const written = await Promise.all(
          numbers.map((id) => mirror.write(stateOf({ revision, sheet: { version: id }, rows: [row(id, count + 1)] }))),
        );
        const winners = numbers.filter((_, index) => written[index] !== undefined);
        assert.equal(winners.length, 1);
        revision = written[winners[0]! - 1]!;
        const sheet = await mirror.sheet(SHEET);
        assert.deepEqual([sheet!.version, sheet!.revision], [winners[0], revision]);
        const rows = (await mirror.rows(SHEET, numbers)).filter(({ readFor }) => readFor === count + 1);
        assert.deepEqual(rows.map(({ id }) => id), winners);
      }
    });

    mirrorTest("rowsAfter() gives pages of rows in order of their ids", async ({ inbox: { mirror } }) => {
      await mirror.write(stateOf({ rows: [5, 3, 1, 4, SHEET, 2].map((id) => row(id)) }));
      await mirror.write(stateOf({ sheet: { id: 5 }, rows: [row(6)] }));
      const page = async (after: number) => (await mirror.rowsAfter(SHEET, after, 2)).map(({ id }) => id);
      assert.deepEqual([await page(0), await page(2), await page(4), await page(SHEET)], [
        [1, 2],
        [3, 4],
        [5, SHEET],
        [],
      ]);
      assert.deepEqual(await mirror.rowsAfter(SHEET, 4, 1), [row(5)]);
    });

    mirrorTest("drop() forgets a sheet and its rows, and its revisions never come again", async (opened) => {
      const { mirror } = opened.inbox;
      assert.equal(await mirror.drop(SHEET), false);
      await mirror.write(stateOf({ sheet: { id: 5 }, rows: [row(1)] }));
      const rows = Array.from({ length: 500 }, (_, index) => row(index + 1));
      let revision = await mirror.write(stateOf({ rows }));
      for (const more of [500, 1000]) {
        revision = await mirror.write(
          stateOf({ revision, rows: rows.map(({ id, ...rest }) => ({ ...rest, id: id + more })) }),
        );
      }
      assert.equal((await mirror.sheet(SHEET))!.rowCount, 1500);
      assert.equal(await mirror.drop(SHEET), true);
      assert.equal(await mirror.sheet(SHEET), undefined);
      assert.deepEqual(await mirror.rowsAfter(SHEET, 0, 2000), []);
      assert.deepEqual((await mirror.sheets()).map(({ id, rowCount }) => [id, rowCount]), [[5, 1]]);
      assert.deepEqual(await mirror.rows(5, [1]), [row(1)]);
      assert.equal(await mirror.write(stateOf({ revision })), undefined);
      const again = await mirror.write(stateOf({ rows: [row(1)] }));
      assert.ok(again! > revision!);
      assert.deepEqual((await mirror.sheet(SHEET))!.rowCount, 1);
    });

    mirrorTest("write() stores 500 rows at once, new ones and known ones", async ({ inbox: { mirror } }) => {
      const rows = (readFor: number, first: number) =>
        Array.from({ length: 500 }, (_, index) => row(first + index, readFor, JSON.stringify("x".repeat(1000))));
      const revision = await mirror.write(stateOf({ rows: rows(0, 1) }));
      const next = await mirror.write(stateOf({ revision, rows: rows(1, 251), deleted: [1, 2, 3, 999] }));
      assert.equal((await mirror.sheet(SHEET))!.rowCount, 747);
      const stored = await mirror.rowsAfter(SHEET, 0, 1000);
      assert.deepEqual(stored, [...rows(0, 1).slice(3, 250), ...rows(1, 251)]);
      const found = await mirror.rows(SHEET, stored.map(({ id }) => id).slice(0, 500));
      assert.equal(found.length, 500);
      assert.ok(next);
    });

    mirrorTest("write() stores rows of 400 columns with 4,000 characters", async ({ inbox: { mirror } }) => {
      const cells = Array.from({ length: 400 }, (_, column) => [column, "é".repeat(4000)]);
      const large = JSON.stringify({ cells });
      const ids = Array.from({ length: 12 }, (_, index) => index + 1);
      const revision = await mirror.write(stateOf({ rows: ids.map((id) => row(id, 0, large)) }));
      assert.equal((await mirror.sheet(SHEET))!.rowCount, 12);
      assert.ok(await mirror.write(stateOf({ revision, rows: ids.map((id) => row(id, 1, large)) })));
      const found = await mirror.rowsAfter(SHEET, 10, 5);
      assert.deepEqual(found.map(({ id, readFor }) => [id, readFor]), [[11, 1], [12, 1]]);
      assert.ok(found.every(({ json }) => json === large));
      assert.equal((await mirror.sheet(SHEET))!.rowCount, 12);
    });

    mirrorTest("derive() stores the changes of the callback that is taken, and the state", async (opened) => {
      const { inbox: { mirror }, put, take } = opened;
      await put();
      const { lease, work } = await take();
      assert.equal(await changesJson(mirror, work.id), undefined);
      const revision = await mirror.derive(lease, work, stateOf({ rows: [row(1, work.id)] }), onlyPart(odd));
      assert.equal(await changesJson(mirror, work.id), odd);
      assert.deepEqual(await mirror.sheet(SHEET), { ...stateOf().sheet, revision, rowCount: 1 });
      assert.deepEqual(await mirror.rows(SHEET, [1]), [row(1, work.id)]);
      assert.equal(await changesJson(mirror, work.id + 1), undefined);
    });

    mirrorTest("derive() on another revision stores nothing, neither a state nor changes", async (opened) => {
      const { inbox: { mirror }, put, take } = opened;
      await put();
      const taken = await take();
      const revision = await mirror.write(stateOf());
      for (const other of [undefined, revision! + 1]) {
        const write = stateOf({ revision: other, rows: [row(1)] });
        assert.equal(await mirror.derive(taken.lease, taken.work, write, onlyPart("[]")), undefined);
      }
      assert.equal(await changesJson(mirror, taken.work.id), undefined);
      assert.deepEqual(await mirror.sheet(SHEET), { ...stateOf().sheet, revision, rowCount: 0 });
      assert.ok(await mirror.derive(taken.lease, taken.work, stateOf({ revision, rows: [row(1)] }), onlyPart("[]")));
    });

    mirrorTest("derive() stores nothing for a callback whose changes are there already", async (opened) => {
      const { inbox: { mirror }, put, take } = opened;
      await put();
      const { lease, work } = await take();
      const revision = await mirror.derive(lease, work, stateOf(), onlyPart("[1]"));
      const again = stateOf({ revision, rows: [row(1)] });
      assert.equal(await mirror.derive(lease, work, again, onlyPart("[]")), undefined);
      assert.equal(await changesJson(mirror, work.id), "[1]");
      assert.deepEqual(await mirror.sheet(SHEET), { ...stateOf().sheet, revision, rowCount: 0 });
    });

    mirrorTest(
      "derive() stores changes in parts, each once and in order, and tells when all are there",
      async (opened) => {
        const { inbox: { mirror }, put, take } = opened;
        await put();
        const { lease, work } = await take();
        const first = { number: 0, json: "[0]", isLast: false };
        const last = { number: 1, json: odd, isLast: true };
        assert.equal(await mirror.derive(lease, work, stateOf(), last), undefined, "the first is missing");
        const revision = await mirror.derive(lease, work, stateOf({ rows: [row(1)] }), first);
        assert.deepEqual(await mirror.changesOf(work.id, 0), { ...first, isComplete: false });
        assert.equal(await mirror.derive(lease, work, stateOf({ revision }), first), undefined, "it is there");
        const reconciled = { reconciled: '{"at":1}' };
        assert.ok(await mirror.derive(lease, work, stateOf({ revision, deleted: [1], sheet: reconciled }), last));
        assert.deepEqual(await mirror.changesOf(work.id, 0), { ...first, isComplete: true });
        assert.deepEqual(await mirror.changesOf(work.id, 1), { ...last, isComplete: true });
        assert.equal(await mirror.changesOf(work.id, 2), undefined);
        const { rowCount, ...sheet } = (await mirror.sheet(SHEET))!;
        assert.deepEqual([rowCount, sheet.reconciled], [0, '{"at":1}']);
      },
    );

    mirrorTest("derive() rejects once the lease is lost, and stores nothing", async (opened) => {
      const { inbox: { mirror, lease, finish, release }, clock, put, take } = opened;
      const first = await put();
      const second = await put();
      const lost = await take();
      const refuses = (taken: typeof lost, id: number) =>
        assert.rejects(mirror.derive(taken.lease, { id }, stateOf({ rows: [row(1)] }), onlyPart("[]")), {
          code: "lease_lost",
        });
      await refuses(lost, second);
      await finish(lost.lease, lost.work, { kind: "failed", error: "E", retryAfterMs: 0, position });
      await refuses(lost, first);
      await opened.inbox.take(lost.lease);
      clock.now += LEASE_MS;
      // The lane waits as after a failure.
      assert.deepEqual(await lease(1, LEASE_MS), []);
      clock.now += 3_600_000;
      const held = await take();
      assert.equal(held.work.id, first);
      await refuses(lost, first);
      assert.deepEqual([await mirror.sheet(SHEET), await changesJson(mirror, first)], [undefined, undefined]);
      assert.ok(await mirror.derive(held.lease, held.work, stateOf(), onlyPart("[]")));
      await finish(held.lease, held.work, done);
      await release(held.lease);
      await refuses(held, first);
    });

    mirrorTest(
      "changes stay through a retry, a replay of a dead and of a done callback, and go with it",
      async (opened) => {
        const { inbox, clock, put, take, end } = opened;
        const id = await put();
        const first = await take();
        await inbox.mirror.derive(first.lease, first.work, stateOf(), onlyPart("[1]"));
        await end(first, { kind: "failed", error: "E", retryAfterMs: 0, position });
        const isKept = async () => assert.equal(await changesJson(inbox.mirror, id), "[1]");
        for (const outcome of [dead, done, done]) {
          await isKept();
          const taken = await take();
          assert.equal(taken.work.id, id);
          await end(taken, outcome);
          await isKept();
          await inbox.replay([id]);
        }
        await inbox.discard([id]);
        await isKept();
        clock.now += 1;
        assert.equal(await inbox.prune(["discarded"], clock.now), 1);
        assert.equal(await changesJson(inbox.mirror, id), undefined);
        assert.equal((await inbox.mirror.sheets()).length, 1);
      },
    );

    mirrorTest("changes of a callback that is dropped are gone", async ({ inbox: { mirror }, put, take, end }) => {
      const id = await put();
      const taken = await take();
      await mirror.derive(taken.lease, taken.work, stateOf(), onlyPart("[]"));
      await end(taken, { kind: "dropped" });
      assert.equal(await changesJson(mirror, id), undefined);
    });

    mirrorTest(
      "waiting() gives what waits behind the callback that is taken, in the order of the lane",
      async (opened) => {
        const { inbox, put, take, end } = opened;
        const [first, second] = [await put(), await put()];
        await end(await take());
        const third = await put();
        await inbox.replay([first]);
        const fourth = await put();
        const taken = await take();
        assert.equal(taken.work.id, second);
        await inbox.put(acceptedCallback({ nonce: "other", timestamp: "other", scopeObjectId: 2 }));
        await inbox.lease(1, LEASE_MS);
        const waiting = await inbox.mirror.waiting(taken.lease, 10);
        assert.deepEqual(waiting.map(({ id }) => id), [third, first, fourth]);
        assert.deepEqual(waiting.map(({ callback: { nonce, body } }) => [nonce, body]), [
          ["n3", taken.work.callback.body],
          ["n1", taken.work.callback.body],
          ["n4", taken.work.callback.body],
        ]);
        assert.deepEqual((await inbox.mirror.waiting(taken.lease, 2)).map(({ id }) => id), [third, first]);
        await end(taken);
        await end(await take());
        // What was replayed is behind newer ones, and before others.
        const replayed = await take();
        assert.equal(replayed.work.id, first);
        assert.deepEqual((await inbox.mirror.waiting(replayed.lease, 10)).map(({ id }) => id), [fourth]);
      },
    );

    mirrorTest(
      "toldSince() knows callbacks of Smartsheet, of that sheet, accepted then or later",
      async ({ inbox }) => {
        const put = (scopeObjectId: number, webhookId: number, acceptedAt: number) => {
          const name = `${scopeObjectId} ${webhookId}`;
          return inbox.put(acceptedCallback({ nonce: name, timestamp: name, scopeObjectId, webhookId, acceptedAt }));
        };
        await put(1, 7, START + 10);
        await put(1, 0, START + 30);
        await put(2, 7, START + 30);
        const told = (since: number) => inbox.mirror.toldSince(1, START + since);
        assert.deepEqual([await told(9.5), await told(10), await told(11)], [true, true, false]);
        assert.equal(await inbox.mirror.toldSince(3, 0), false);
      },
    );
  });
}
