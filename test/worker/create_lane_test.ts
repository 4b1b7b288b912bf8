import assert from "node:assert/strict";
import { test } from "node:test";
import { delay } from "../../src/async/delay.ts";
import { createLane, type Lane } from "../../src/worker/lane.ts";

/** A lane whose lease begins now, by both clocks, and what it told. */
function laneFor(leaseMs: number, renew: (lane: Lane) => Promise<boolean> = () => assert.fail("asked the inbox")) {
  const told: string[] = [];
  const at = { monotonic: performance.now(), wall: 1_000_000 };
  const wall = { now: at.wall };
  const lane = createLane({ lane: 5, token: "t" }, {
    ...{ leaseMs, at, renew, now: () => wall.now },
    onLost: ({ lease }) => void told.push(`lost ${lease.lane}`),
  });
  return { lane, told, at, wall };
}

test("confirm() compares the clock with the lease, which doesn't hold at its very end", () => {
  const { lane, told, at } = laneFor(60_000);
  assert.equal(lane.confirm(at.monotonic + 59_999), undefined);
  assert.throws(() => lane.confirm(at.monotonic + 60_000), { code: "lease_lost" });
  assert.throws(() => lane.confirm(at.monotonic), { code: "lease_lost" });
  assert.deepEqual(told, ["lost 5"]);
  lane.close();
});

test("confirm() asks the inbox when the machine was suspended, and believes it", async () => {
  let isHeld = true;
  const { lane, told, wall, at } = laneFor(60_000, () => Promise.resolve(isHeld));
  wall.now += 60_000;
  await lane.confirm(at.monotonic);
  isHeld = false;
  await assert.rejects(lane.confirm(at.monotonic) as Promise<void>, { code: "lease_lost" });
  assert.deepEqual(told, ["lost 5"]);
  lane.close();
});

test("a renewed lease doesn't run out at its first end", async () => {
  const { lane, told, at, wall } = laneFor(20);
  lane.extend({ monotonic: at.monotonic + 60_000, wall: wall.now });
  await delay(60);
  assert.equal(lane.confirm(at.monotonic), undefined);
  assert.deepEqual(told, []);
  lane.close();
});

test("a lost lease begins no more, and leaves no timer", (t) => {
  const { setTimeout } = globalThis;
  const timers: unknown[] = [];
  Object.assign(globalThis, { setTimeout: (...args: unknown[]) => void timers.push(args) });
  t.after(() => Object.assign(globalThis, { setTimeout }));
  const { lane, at } = laneFor(60_000);
  assert.equal(timers.length, 1);
  lane.lose("it is another's");
  lane.extend({ monotonic: at.monotonic + 60_000, wall: at.wall });
  assert.equal(timers.length, 1);
  assert.throws(() => lane.confirm(at.monotonic), { code: "lease_lost", message: "it is another's" });
});
