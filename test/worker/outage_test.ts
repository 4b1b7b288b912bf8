import assert from "node:assert/strict";
import { test } from "node:test";
import { createInboxOutage } from "../../src/worker/outage.ts";
import { createLog } from "../support/callbacks.ts";

const AWAY = new Error("the disk is away");

test("each wait of an outage is twice as long as the one before, up to 10 s, until it has ended", async (t) => {
  const { setTimeout } = globalThis;
  const waits: number[] = [];
  Object.assign(globalThis, {
    setTimeout(end: () => void, ms: number) {
      waits.push(ms);
      return setTimeout(end, 0);
    },
  });
  t.after(() => Object.assign(globalThis, { setTimeout }));
  const log = createLog();
  const outage = createInboxOutage(log);
  const { signal } = new AbortController();
  await outage.wait(signal);
  for (let failure = 0; failure < 6; failure++) {
    outage.fail(AWAY);
    // Something else has worked meanwhile: that is no end while this goes on.
    outage.clear();
    await outage.wait(signal);
    await outage.wait(signal);
  }
  assert.deepEqual(waits, [1000, 2000, 4000, 8000, 10_000, 10_000]);
  assert.deepEqual(log.lines, ["error Inbox fails, trying again: Error: the disk is away"]);

  outage.clear();
  outage.clear();
  outage.fail(AWAY);
  await outage.wait(signal);
  assert.equal(waits.at(-1), 1000);
  assert.deepEqual(log.lines.slice(1), [
    "info Inbox works again",
    "error Inbox fails, trying again: Error: the disk is away",
  ]);
});
