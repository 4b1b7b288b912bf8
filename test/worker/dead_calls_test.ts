// The call is the unit of failure.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Discard, RetryLater, Skip } from "../../src/errors.ts";
import { memoryInbox } from "../../src/inbox/memory.ts";
import { createReceiver, type Receiver, type ReceiverOptions } from "../../src/receiver.ts";
import { acceptedCallback, callbackBody, createLog, rowEvent, SECRET } from "../support/callbacks.ts";
import { totalsOf } from "../support/totals_of.ts";
import { until } from "../support/until.ts";

let number = 0;

function callback(...ids: number[]) {
  const body = callbackBody({ nonce: `n${++number}`, scopeObjectId: 1, events: ids.map((id) => rowEvent(id)) });
  return acceptedCallback({ timestamp: `t${number}` }, body);
}

/** Puts a callback with the rows 1, 2, ...; what throws `soon` is tried again at once. */
function setUp(options: Partial<ReceiverOptions> = {}) {
  const log = createLog();
  const inbox = memoryInbox();
  const receivers: Receiver[] = [];
  function create(): Receiver {
    const receiver = createReceiver({ secrets: SECRET, logger: log, attempts: 3, ...options, inbox });
    receivers.push(receiver);
    return receiver;
  }
  async function drain(receiver: Receiver): Promise<void> {
    await receiver.start();
    await until("nothing is pending", async () => (await inbox.overview()).pending === 0);
    await receiver.stop();
  }
  return { inbox, log, create, drain };
}

const soon = (reason: string) => new RetryLater(0, reason);

test("a call that has used up its attempts is dead, and the callback goes on behind it", async () => {
  const { inbox, log, create, drain } = setUp();
  const receiver = create();
  const calls: string[] = [];
  receiver.on("row.*", function first(event, context) {
    calls.push(`first ${event.id} ${context.attempt}`);
    if (event.id === 2) throw soon("no 2");
  });
  receiver.on("row.*", (event, context) => void calls.push(`second ${event.id} ${context.attempt}`));
  receiver.onCallback((callback, context) => {
    calls.push(`all ${callback.events.length} ${context.attempt}`);
    assert.deepEqual(context.failed.map(({ id }) => id), [2]);
    assert.ok(callback.events.includes(context.failed[0]!));
  });
  await inbox.put(callback(1, 2, 3));
  await drain(receiver);
  assert.deepEqual(calls, [
    "first 1 1",
    "second 1 1",
    "first 2 1",
    "first 2 2",
    "first 2 3",
    "second 2 1",
    "first 3 1",
    "second 3 1",
    "all 3 1",
  ]);
  assert.deepEqual(await totalsOf(inbox), { pending: 0, done: 0, dead: 1 });
  const { deadCalls } = (await inbox.show(1))!;
  assert.deepEqual(deadCalls.map(({ call, handler, attempts }) => [call.event, handler, attempts]), [
    [1, "row.* first#1", 3],
  ]);
  assert.match(deadCalls[0]!.error, /^no 2\n {4}at /);
  const { failures, deadCalls: dead, deadLetters } = receiver.counts;
  assert.deepEqual([failures, dead, deadLetters], [3, 1, 1]);
  assert.equal(log.lines.filter((line) => line.startsWith("error A call of callback")).length, 1);
});

test("40 rows that each fail once cost each one attempt, not one callback all of its", async () => {
  const { inbox, create, drain } = setUp();
  const receiver = create();
  const seen = new Set<number>();
  receiver.on("row.*", (event) => {
    if (seen.has(event.id)) return;
    seen.add(event.id);
    throw soon("once");
  });
  await inbox.put(callback(...Array.from({ length: 40 }, (_, index) => index + 1)));
  await drain(receiver);
  assert.deepEqual(await totalsOf(inbox), { pending: 0, done: 1, dead: 0 });
  assert.equal(receiver.counts.failures, 40);
});

test("the wait begins anew with each call", async () => {
  const { inbox, log, create } = setUp({ attempts: 15, random: () => 0.5 });
  const receiver = create();
  receiver.on("row.*", (event, context) => {
    if (event.id === 1 && context.attempt < 4) throw soon("first");
    if (event.id === 2) throw new Error("second");
  });
  await inbox.put(callback(1, 2));
  await receiver.start();
  await until("the second has failed", () => log.lines.some((line) => line.includes("second")));
  await receiver.stop();
  assert.ok(log.lines.some((line) => / Attempt 1 at .* event 2, handler 1, next in 1000 ms: Error: second/.test(line)));
});

test("a replay runs the dead calls alone, each with its key and its steps", async () => {
  const { inbox, create, drain } = setUp({ attempts: 1 });
  const receiver = create();
  let fails = true;
  const calls: string[] = [];
  receiver.on("row.*", async function save(event, context) {
    await context.step("once", () => void calls.push(`step ${event.id}`));
    calls.push(`${context.idempotencyKey.split("/").at(-1)} ${context.attempt}`);
    if (fails && event.id !== 2) throw new Error(`no ${event.id}`);
  });
  receiver.onCallback((_callback, context) => {
    calls.push(`all ${context.failed.map(({ id }) => id)}`);
    if (fails) throw new Error("no all");
  });
  await inbox.put(callback(1, 2, 3));
  await drain(receiver);
  assert.deepEqual(calls.splice(0), ["step 1", "0 1", "step 2", "1 1", "step 3", "2 1", "all 1,3"]);
  await inbox.replay([1]);
  await drain(receiver);
  assert.deepEqual(calls.splice(0), ["0 1", "2 1", "all 1,3"], "they fail again");
  assert.equal((await inbox.overview()).deadCalls, 3);
  fails = false;
  await inbox.replay([1], { calls: [2] });
  await drain(receiver);
  assert.deepEqual(calls.splice(0), ["2 1"]);
  assert.deepEqual((await inbox.show(1))!.deadCalls.map(({ number }) => number), [1, 3]);
  await inbox.replay([1]);
  await drain(receiver);
  assert.deepEqual(calls.splice(0), ["0 1", "all "]);
  assert.equal((await inbox.show(1))!.state, "done");
});

test("a replayed call that fails is tried as often as ever, and goes on with the next one", async () => {
  const { inbox, create, drain } = setUp({ attempts: 2 });
  const receiver = create();
  const calls: string[] = [];
  receiver.on("row.*", (event, context) => {
    calls.push(`${event.id} ${context.attempt}`);
    throw soon("no");
  });
  await inbox.put(callback(1, 2));
  await drain(receiver);
  await inbox.replay([1]);
  await drain(receiver);
  const once = ["1 1", "1 2", "2 1", "2 2"];
  assert.deepEqual(calls, [...once, ...once]);
  assert.deepEqual((await inbox.show(1))!.deadCalls.map(({ number, state }) => [number, state]), [[1, "dead"], [
    2,
    "dead",
  ]]);
});

test("a replay finds its handler after others were added, and starts the event over if it is gone", async () => {
  const { inbox, create, drain } = setUp({ attempts: 1 });
  const old = create();
  old.on("row.*", function save() {
    throw new Error("no");
  });
  await inbox.put(callback(1));
  await inbox.put(callback(2));
  await drain(old);
  const calls: string[] = [];
  const grown = create();
  grown.on("row.*", (event) => void calls.push(`added ${event.id}`));
  grown.on("row.*", function save(event) {
    calls.push(`save ${event.id}`);
  });
  await inbox.replay([1]);
  await drain(grown);
  assert.deepEqual(calls.splice(0), ["save 1"]);
  const other = create();
  other.on("row.updated", (event) => void calls.push(`a ${event.id}`));
  other.on("*.*", (event) => void calls.push(`b ${event.id}`));
  await inbox.replay([2]);
  await drain(other);
  assert.deepEqual(calls, ["a 2", "b 2"]);
  assert.deepEqual((await totalsOf(inbox)).done, 2);
  assert.deepEqual((await inbox.show(2))!.deadCalls, []);
});

test("a replay of a call whose handler and event type nobody handles any more is done", async () => {
  const { inbox, create, drain } = setUp({ attempts: 1 });
  const old = create();
  old.on("row.*", () => {
    throw new Error("no");
  });
  await inbox.put(callback(1));
  await drain(old);
  await inbox.replay([1]);
  await drain(create());
  assert.deepEqual((await inbox.show(1))!.state, "done");
});

test("Skip ends its call and no other, Discard the callback, also in a replay", async () => {
  const { inbox, log, create, drain } = setUp({ attempts: 1 });
  const receiver = create();
  const calls: string[] = [];
  let thrown: unknown = new Skip("not ours");
  receiver.on("row.*", (event) => {
    calls.push(`row ${event.id}`);
    if (event.id === 1) throw thrown;
  });
  receiver.onCallback((_callback, { failed }) => void calls.push(`all ${failed.length}`));
  await inbox.put(callback(1, 2));
  await drain(receiver);
  assert.deepEqual(calls.splice(0), ["row 1", "row 2", "all 0"]);
  assert.equal((await inbox.show(1))!.state, "done");
  assert.equal(receiver.counts.skipped, 1);
  assert.match(
    log.lines.join("\n"),
    /info A call of callback n\d+ of webhook \d+ is skipped at event 1, handler 1: not ours/,
  );
  // That of another installed copy.
  for (const how of [new Error("no"), Object.assign(new Error("theirs"), { code: "skip" })]) {
    thrown = how;
    await inbox.put(callback(1, 2));
    await drain(receiver);
    await inbox.replay([2]);
  }
  await drain(receiver);
  assert.equal((await inbox.show(2))!.state, "done");
  thrown = new Error("no");
  await inbox.put(callback(1, 2));
  await drain(receiver);
  thrown = new Discard("never mind");
  await inbox.replay([4]);
  await drain(receiver);
  const { state, error, deadCalls } = (await inbox.show(4))!;
  assert.deepEqual([state, error, deadCalls.map(({ state }) => state)], ["discarded", "never mind", ["skipped"]]);
});

test("Skip, Discard and RetryLater without new, or returned, are a failure that says so", async () => {
  const { inbox, create, drain } = setUp({ attempts: 1 });
  const receiver = create();
  const hows: (() => unknown)[] = [
    () => {
      throw Skip;
    },
    () => {
      throw Discard;
    },
    () => new Skip("no"),
    () => Promise.resolve(new Discard()),
    () => new RetryLater(5),
    () => (Skip as unknown as () => unknown)(),
  ];
  receiver.on("row.*", (event) => hows[event.id]!());
  await inbox.put(callback(...hows.keys()));
  await drain(receiver);
  const errors = (await inbox.show(1))!.deadCalls.map(({ error }) => error.split("\n")[0]);
  assert.deepEqual(errors.slice(0, 5), [
    "TypeError: Handler threw the class Skip, but should throw an instance: throw new Skip(...)",
    "TypeError: Handler threw the class Discard, but should throw an instance: throw new Discard(...)",
    "TypeError: Handler returned a Skip, but should throw it: throw new Skip(...)",
    "TypeError: Handler returned a Discard, but should throw it: throw new Discard(...)",
    "TypeError: Handler returned a RetryLater, but should throw it: throw new RetryLater(...)",
  ]);
  assert.match(errors[5]!, /^TypeError: .*class constructor Skip.*new/i);
});

test("6,000 events of which each fails end as one dead letter with 6,000 dead calls", async () => {
  const { inbox, log, create, drain } = setUp({ attempts: 1 });
  const receiver = create();
  receiver.on("row.*", () => {
    throw new Error("no");
  });
  receiver.onCallback((_callback, { failed }) => assert.equal(failed.length, 6000));
  await inbox.put(callback(...Array.from({ length: 6000 }, (_, index) => index + 1)));
  await drain(receiver);
  const { state, deadCalls } = (await inbox.show(1))!;
  assert.deepEqual([state, deadCalls.length], ["dead", 6000]);
  assert.equal(receiver.counts.deadCalls, 6000);
  assert.equal(log.lines.filter((line) => line.startsWith("error")).length, 21);
  assert.match(log.lines.at(-1)!, /is a dead letter: 6000 dead calls; 6000 events, 6001 calls/);
});

/** Takes the callback as a process does that is killed at event `at`; it saves before each call if the worker does. */
test("a kill counts against the call that it happened in, once one has happened", async () => {
  const { inbox, create, drain } = setUp({ attempts: 2 });
  let now = Date.now();
  const killed = memoryInbox({ now: () => now });
  Object.assign(inbox, killed);
  await inbox.put(callback(1, 2, 3));
  const [lease] = await inbox.lease(1, 1000);
  await inbox.take(lease!);
  // The process is killed in some call.
  now += 1_000_000;
  const receiver = create();
  const saved: unknown[] = [];
  const { saveProgress } = inbox;
  Object.assign(inbox, {
    saveProgress: (...args: Parameters<typeof saveProgress>) => {
      saved.push([args[2].position.event, args[2].attempt]);
      return saveProgress(...args);
    },
  });
  const calls: string[] = [];
  receiver.on("row.*", (event, context) => {
    calls.push(`${event.id} ${context.attempt}`);
  });
  await drain(receiver);
  assert.deepEqual(calls, ["1 2", "2 1", "3 1"]);
  assert.deepEqual(saved, [[1, 1], [2, 1]], "each call behind the first is saved before it begins");
});
