import assert from "node:assert/strict";
import { test } from "node:test";
import { createBodyBudget } from "../../src/receive/body_budget.ts";

const full = { code: "bodies_full" };

/** A budget with a clock of its own, and bodies in it that tell when they are cut. */
function budgetOf(maxBytes: number, maxReading?: number) {
  let time = 0;
  const cut: string[] = [];
  const budget = createBodyBudget(maxBytes, maxReading, () => time);
  return {
    cut,
    pass: (ms: number) => void (time += ms),
    begin(name: string) {
      const account = budget.begin();
      account.onCut((reason) => {
        assert.equal((reason as { code?: string }).code, "bodies_full");
        cut.push(name);
      });
      return account;
    },
  };
}

test("createBodyBudget() refuses what all bodies together have no room for, until one has ended", () => {
  const { begin, cut } = budgetOf(100);
  const [first, second] = [begin("first"), begin("second")];
  first.add(60);
  second.add(40);
  assert.throws(() => second.add(1), full);
  first.end();
  second.add(60);
  assert.throws(() => begin("third").add(1), full);
  second.end();
  second.end();
  begin("fourth").add(100);
  assert.deepEqual(cut, []);
});

test("createBodyBudget() cuts the slowest unfinished bodies for one that needs room", () => {
  const { begin, cut, pass } = budgetOf(100);
  const [fast, slow, slower, complete] = [begin("fast"), begin("slow"), begin("slower"), begin("complete")];
  fast.add(50);
  slow.add(20);
  slower.add(10);
  complete.add(10);
  complete.complete();
  pass(1000);
  const honest = begin("honest");
  honest.add(15);
  assert.deepEqual(cut, ["slower"]);
  honest.add(10);
  assert.deepEqual(cut, ["slower", "slow"]);
  // What was cut isn't counted any more, also if more of it comes in.
  slow.add(1000);
  slow.end();
  fast.end();
  honest.add(65);
  assert.throws(() => honest.add(1), full);
});

test("createBodyBudget() refuses the slowest itself, and cuts none that has only begun", () => {
  const { begin, cut, pass } = budgetOf(100);
  const slowest = begin("slowest");
  slowest.add(10);
  pass(400);
  const faster = begin("faster");
  faster.add(90);
  pass(400);
  assert.throws(() => slowest.add(1), full);
  slowest.end();
  const young = begin("young");
  young.add(10);
  assert.throws(() => begin("younger").add(1), full);
  assert.deepEqual(cut, []);
});

test("createBodyBudget() always has a place for one more: the slowest goes, or the oldest if all have just begun", () => {
  const { begin, cut, pass } = budgetOf(1000, 3);
  begin("first").add(10);
  begin("second").add(1);
  pass(600);
  begin("third");
  begin("fourth");
  assert.deepEqual(cut, ["second"]);
  begin("fifth");
  assert.deepEqual(cut, ["second", "first"]);
  begin("sixth");
  assert.deepEqual(cut, ["second", "first", "third"]);
});
