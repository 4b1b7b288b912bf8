import assert from "node:assert/strict";
import { test } from "node:test";
import { createExclusive } from "../../src/async/exclusive.ts";

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

test("createExclusive() lets what is shared run at once, and what is alone by itself, each to its own end", async () => {
  const runs = createExclusive(60_000, 60_000);
  let running = 0;
  const seen: string[] = [];
  const run = (name: string, ms: number) => async () => {
    running++;
    await sleep(ms);
    seen.push(`${name} ${running}`);
    running--;
    return name;
  };
  const results = await Promise.all([
    runs.shared(run("a", 20)),
    runs.shared(run("b", 10)),
    runs.exclusive(run("c", 5)),
    runs.shared(run("d", 1)),
    runs.exclusive(() => Promise.reject(new Error("no"))).catch((error) => error.message),
    runs.exclusive(run("e", 1)),
    runs.shared(run("f", 1)),
  ]);
  assert.deepEqual(results, ["a", "b", "c", "d", "no", "e", "f"]);
  assert.deepEqual(seen.slice(0, 4), ["b 2", "a 1", "c 1", "e 1"]);
  assert.equal(await runs.shared(run("g", 0)), "g");
});

test("createExclusive() lets what never ends keep nobody waiting for ever", async () => {
  const never = () => new Promise<string>(() => {});
  const soon = createExclusive(10, 10);
  void soon.shared(never);
  assert.equal(await soon.exclusive(() => Promise.resolve("alone")), "alone");
  void soon.exclusive(never);
  assert.equal(await soon.shared(() => Promise.resolve("shared")), "shared");
  assert.equal(await soon.exclusive(() => Promise.resolve("alone")), "alone");
});
