import assert from "node:assert/strict";
import { test } from "node:test";
import type { Job } from "./job.ts";
import { runSeeds } from "./run_seeds.ts";

test("jobs run seeds side by side, and what they come to is told in order", async () => {
  const ends = new Map<number, () => void>();
  const job: Job = {
    async run(seed) {
      await new Promise<void>((resolve) => ends.set(seed, resolve));
      const failure = seed % 2 ? { failure: `seed ${seed} fails` } : {};
      return [{ engine: "memory", hours: 1, callbacks: seed, calls: 0, kills: 0, ...failure }];
    },
    shrink: (seed, engine) => Promise.resolve(`seed ${seed} with ${engine} needs less`),
  };
  const told: string[] = [];
  const running = runSeeds({
    from: 1,
    seeds: 8,
    jobs: [job, job, job],
    isOver: () => false,
    onFailure: (text) => void told.push(text),
    onProgress: (seed, { hours }) => void told.push(`${seed}: ${hours} hours`),
  });
  const most: number[] = [];
  // The one that began last ends first.
  while (told.length < 12) {
    most.push(ends.size);
    const last = Math.max(...ends.keys());
    ends.get(last)?.();
    ends.delete(last);
    await new Promise((resolve) => setTimeout(resolve));
  }
  const totals = await running;
  assert.equal(Math.max(...most), 3);
  assert.deepEqual(told, [
    ...["seed 1 with memory needs less", "1: 1 hours", "2: 2 hours", "seed 3 with memory needs less", "3: 3 hours"],
    ...["4: 4 hours", "seed 5 with memory needs less", "5: 5 hours", "6: 6 hours", "seed 7 fails", "7: 7 hours"],
    "8: 8 hours",
  ]);
  assert.deepEqual(totals, { runs: 8, failed: 4, hours: 8, callbacks: 36, calls: 0, kills: 0 });
});

test("jobs begin no seed when it is over, and tell of those that they have begun", async () => {
  const began: number[] = [];
  const told: number[] = [];
  const job: Job = {
    async run(seed) {
      began.push(seed);
      await Promise.resolve();
      return [{ engine: "memory", hours: 1, callbacks: 0, calls: 0, kills: 0 }];
    },
    shrink: () => Promise.resolve(""),
  };
  const totals = await runSeeds({
    from: 5,
    seeds: 100,
    jobs: [job, job],
    isOver: () => began.length >= 7,
    onFailure: () => {},
    onProgress: (seed) => void told.push(seed),
  });
  assert.deepEqual(told, [5, 6, 7, 8, 9, 10, 11]);
  assert.deepEqual([totals.runs, began.length], [7, 7]);
});
