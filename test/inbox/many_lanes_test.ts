import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { sqliteInbox } from "../../src/inbox/sqlite.ts";
import { createReceiver } from "../../src/receiver.ts";
import { acceptedCallback, callbackBody, createLog, rowEvent, SECRET } from "../support/callbacks.ts";
import { withFolder } from "../support/run_cli.ts";
import { totalsOf } from "../support/totals_of.ts";

const LANES = 10_000;
const IN_LANE = 10;
const BATCH = 1000;

test("100,000 callbacks that are owed in 10,000 lanes are worked once each, every lane in order", async () => {
  await withFolder(async (folder) => {
    const inbox = sqliteInbox(join(folder, "inbox.db"));
    const total = LANES * IN_LANE;
    const startedAt = performance.now();
    for (let first = 0; first < total; first += BATCH) {
      await Promise.all(Array.from({ length: BATCH }, (_, index) => {
        const number = first + index;
        // Lane after lane, again and again: no lane's callbacks lie beside each other.
        const scopeObjectId = 1 + number % LANES;
        const nonce = `n${number}`;
        const body = callbackBody({ nonce, scopeObjectId, events: [rowEvent(Math.floor(number / LANES))] });
        return inbox.put(acceptedCallback({ timestamp: `t${number}` }, body));
      }));
    }
    const putAt = performance.now();
    assert.equal((await inbox.overview()).pending, total);

    const log = createLog();
    const receiver = createReceiver({ secrets: SECRET, inbox, logger: log, concurrency: 16 });
    const next = new Map<number, number>();
    let worked = 0;
    let outOfOrder = 0;
    const allWorked = new Promise<void>((resolve) => {
      receiver.on("row.updated", ({ id }, { callback: { scopeObjectId } }) => {
        const expected = next.get(scopeObjectId) ?? 0;
        // One that comes again is out of order, too.
        if (id !== expected) outOfOrder++;
        next.set(scopeObjectId, expected + 1);
        if (++worked === total) resolve();
      });
    });
    await receiver.start();
    await allWorked;
    await receiver.stop();
    const workedAt = performance.now();
    const rate = (ms: number) => `${Math.round(total / ms)} a ms, ${(ms / 1000).toFixed(1)} s`;
    console.log(`put ${rate(putAt - startedAt)}; worked ${rate(workedAt - putAt)}`);

    assert.equal(outOfOrder, 0);
    assert.equal(next.size, LANES);
    assert.deepEqual(await totalsOf(inbox), { pending: 0, done: total, dead: 0 });
    assert.deepEqual(log.lines.filter((line) => /^(warn|error)/.test(line)), []);
    await inbox.close();
  });
});
