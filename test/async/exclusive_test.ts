import assert from "node:assert/strict";
import { test } from "node:test";
import { createGate } from "../../src/async/exclusive.ts";

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

test("createGate() lets what is shared run at once, and what is alone by itself, each to its own end", async () => {
  const gate = createGate(60_000, 60_000);
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
    gate.shared(run("a", 20)),
    gate.shared(run("b", 10)),
    gate.alone(run("c", 5)),
    gate.shared(run("d", 1)),
    gate.alone(() => Promise.reject(new Error("no"))).catch((error) => error.message),
    gate.alone(run("e", 1)),
    gate.shared(run("f", 1)),
  ]);
  assert.deepEqual(results, ["a", "b", "c", "d", "no", "e", "f"]);
  assert.deepEqual(seen.slice(0, 4), ["b 2", "a 1", "c 1", "e 1"]);
  assert.equal(await gate.shared(run("g", 0)), "g");
});

test("createGate() lets what never ends keep nobody waiting for ever", async () => {
  const never = () => new Promise<string>(() => {});
  const soon = createGate(10, 10);
  void soon.shared(never);
  assert.equal(await soon.alone(() => Promise.resolve("alone")), "alone");
  void soon.alone(never);
  assert.equal(await soon.shared(() => Promise.resolve("shared")), "shared");
  assert.equal(await soon.alone(() => Promise.resolve("alone")), "alone");
});
