import assert from "node:assert/strict";
import { test } from "node:test";
import { delay } from "../../src/async/delay.ts";
import { createStepOf, type SaveStep, type Steps } from "../../src/dispatch/step.ts";

/** A step function, and what it has saved. */
function stepsOf(known: [string, string][] = [], signal = new AbortController().signal) {
  const saved: Steps = new Map();
  const save = (key: string, json: string) => Promise.resolve(void saved.set(key, json));
  return { saved, step: stepOf(new Map(known), save, signal) };
}

function stepOf(recorded: Steps, save: SaveStep | undefined, signal = new AbortController().signal) {
  return createStepOf({ recorded, save, confirm: () => signal.throwIfAborted(), signal })(2, "row.* #1");
}

test("step() runs once, and gives its result again on a later attempt", async () => {
  const first = stepsOf();
  assert.deepEqual(await first.step("order", () => ({ id: 5 })), { id: 5 });
  assert.equal(await first.step("mail", () => {}), undefined);
  const later = stepsOf([...first.saved]);
  const fail = () => assert.fail("ran again");
  assert.deepEqual(await later.step("order", fail), { id: 5 });
  assert.equal(await later.step("mail", fail), undefined);
  assert.equal(await later.step("new", () => 1), 1);
});

test("step() keeps the calls apart", async () => {
  const { saved, step } = stepsOf([['[1,"row.* #1","order"]', "1"], ['[2,"row.* #2","order"]', "1"]]);
  assert.equal(await step("order", () => 2), 2);
  assert.deepEqual([...saved], [['[2,"row.* #1","order"]', "2"]]);
});

test("step() throws for a name that is used twice in one call", async () => {
  const { step } = stepsOf();
  await step("a", () => 1);
  await assert.rejects(step("a", () => 1), { code: "step_invalid", message: /"a" is used twice/ });
});

test("step() refuses a name that is no text: several would share one result", async () => {
  const { saved, step } = stepsOf();
  for (const name of [undefined, null, NaN, 5, {}, Symbol("a")] as unknown as string[]) {
    const fail = () => assert.fail("ran");
    await assert.rejects(step(name, fail), {
      code: "step_invalid",
      message: /^Name of a step is .*, but should be a text/,
    });
  }
  assert.equal(saved.size, 0);
});

test("step() keeps its name in what every database gives back", async () => {
  const { saved, step } = stepsOf();
  await step("half of a pair \ud83d", () => 1);
  await step("\0 and what is behind it", () => 2);
  assert.deepEqual([...saved.keys()], [
    '[2,"row.* #1","half of a pair \\ud83d"]',
    '[2,"row.* #1","\\u0000 and what is behind it"]',
  ]);
});

test("step() that nobody awaits doesn't end the process when it fails", async () => {
  const { step } = stepsOf();
  void step("a", () => Promise.reject(new Error("no")));
  await delay(1);
});

test("step() keeps nothing of a step that throws", async () => {
  const { saved, step } = stepsOf();
  await assert.rejects(step("a", () => Promise.reject(new Error("no"))), /no/);
  assert.equal(saved.size, 0);
});

test("step() throws for a result that JSON would change or drop", async () => {
  const cycle: unknown[] = [];
  cycle.push(cycle);
  const wrong = [
    new Date(),
    NaN,
    Infinity,
    1n,
    Symbol(),
    () => {},
    new Map(),
    { a: new Date() },
    [undefined],
    // deno-lint-ignore no-sparse-arrays
    [1, , 2],
    Object.assign([1], { index: 0 }),
    "a".match(/a/),
    { [Symbol("a")]: 1 },
    cycle,
    new (class A {})(),
  ];
  for (const result of wrong) {
    const { saved, step } = stepsOf();
    await assert.rejects(step("a", () => result), { code: "step_invalid", message: /survive JSON/ });
    assert.equal(saved.size, 0);
  }
  const fine = { a: [1, "b", null, true, { c: -0.5 }], d: undefined, e: -0 };
  assert.deepEqual(await stepsOf().step("a", () => fine), { a: [1, "b", null, true, { c: -0.5 }], e: 0 });
});

test("step() takes results of up to 256 KiB", async () => {
  const { step } = stepsOf();
  assert.equal((await step("fits", () => "x".repeat(256 * 1024 - 2))).length, 256 * 1024 - 2);
  await assert.rejects(step("over", () => "ü".repeat(128 * 1024)), { code: "step_invalid", message: /262146 bytes/ });
});

test("step() throws when the lease is lost, before its effect and before its record", async () => {
  const lost = new AbortController();
  const { saved, step } = stepsOf([], lost.signal);
  await assert.rejects(step("a", () => lost.abort(new Error("lost"))), /lost/);
  await assert.rejects(step("b", () => assert.fail("ran")), /lost/);
  assert.equal(saved.size, 0);
});

test("step() waits until it is sure of the lease, before its effect", async () => {
  const confirm = async () => {
    await delay(5);
    throw new Error("lost");
  };
  const save = () => assert.fail("saved");
  const step = createStepOf({ save, confirm, signal: new AbortController().signal })(2, "row.* #1");
  await assert.rejects(step("a", () => assert.fail("ran")), /lost/);
});

test("step() goes on only when its result is saved", async () => {
  const saved = Promise.withResolvers<void>();
  const signal = new AbortController().signal;
  const step = stepOf(new Map(), () => saved.promise, signal);
  let hasEnded = false;
  const running = step("a", () => 1).then(() => hasEnded = true);
  await delay(20);
  assert.equal(hasEnded, false);
  saved.resolve();
  await running;
});

test("step() just runs where nothing is kept", async () => {
  const step = stepOf(new Map(), undefined);
  const date = new Date();
  assert.equal(await step("a", () => date), date);
});
