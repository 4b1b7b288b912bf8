import assert from "node:assert/strict";
import { test } from "node:test";
import { delay } from "../src/async/delay.ts";
import { createRunAttempt } from "../src/dispatch/attempt.ts";
import type { AcceptedCallback } from "../src/callback/callback.ts";
import { createChangeAgent } from "../src/change_agent/change_agent.ts";
import { createCounts } from "../src/counts.ts";
import { createHandlers } from "../src/dispatch/handlers.ts";
import { Discard, RetryLater } from "../src/errors.ts";
import type { Inbox } from "../src/inbox/inbox.ts";
import type { InspectableInbox } from "../src/inbox/inspect.ts";
import { memoryInbox } from "../src/inbox/memory.ts";
import { createOutcomeOf } from "../src/dispatch/outcome.ts";
import { createReceiver, type ReceiverOptions } from "../src/receiver.ts";
import { createWorker } from "../src/worker.ts";
import { acceptedCallback, callbackBody, createLog, rowEvent, SECRET, signedRequest } from "./support/callbacks.ts";
import { startChild } from "./support/runtime.ts";
import { until } from "./support/until.ts";
import { totalsOf } from "./support/totals_of.ts";

type FullInbox = Inbox & InspectableInbox;

let number = 0;

/** A callback of `lane` with these row ids. */
function callback(lane: number, ...ids: number[]): AcceptedCallback {
  const body = callbackBody({ nonce: `n${++number}`, scopeObjectId: lane, events: ids.map((id) => rowEvent(id)) });
  return acceptedCallback({ timestamp: `t${number}` }, body);
}

function setUp(options: Partial<ReceiverOptions> & { inbox?: FullInbox } = {}) {
  const log = createLog();
  const inbox = options.inbox ?? memoryInbox();
  const receiver = createReceiver({ secrets: SECRET, logger: log, random: () => 0.5, ...options, inbox });
  return { inbox, log, receiver };
}

test("the worker works lanes in order, one callback at a time, and lanes side by side", async () => {
  const { inbox, receiver } = setUp({ concurrency: 4 });
  const seen = new Map<number, number[]>();
  const busy = new Set<number>();
  let most = 0;
  let overlaps = 0;
  receiver.onCallback(async ({ scopeObjectId, events }) => {
    if (busy.has(scopeObjectId)) overlaps++;
    busy.add(scopeObjectId);
    most = Math.max(most, busy.size);
    await delay(Math.random() * 3);
    seen.set(scopeObjectId, [...seen.get(scopeObjectId) ?? [], events[0]!.id!]);
    busy.delete(scopeObjectId);
  });
  for (let id = 0; id < 30; id++) for (let lane = 1; lane <= 10; lane++) await inbox.put(callback(lane, id));
  await receiver.start();
  await until("300 callbacks are done", async () => (await totalsOf(inbox)).done === 300);
  await receiver.stop();
  const inOrder = Array.from({ length: 30 }, (_, id) => id);
  for (let lane = 1; lane <= 10; lane++) assert.deepEqual(seen.get(lane), inOrder);
  assert.equal(most, 4);
  assert.equal(overlaps, 0);
  assert.equal(receiver.counts.failures, 0);
});

test("the worker is woken by what is put while it waits", async () => {
  const { inbox, receiver } = setUp();
  const ids: number[] = [];
  receiver.on("row.*", (event) => void ids.push(event.id));
  await receiver.start();
  for (const id of [1, 2, 3]) {
    await inbox.put(callback(7, id));
    await until("its event was handled", () => ids.includes(id));
  }
  await receiver.stop();
  assert.deepEqual(ids, [1, 2, 3]);
});

test("a callback that fails holds its lane, and only its lane, and goes on where it failed", async () => {
  const { inbox, log, receiver } = setUp();
  const calls: string[] = [];
  let failures = 2;
  receiver.on("row.*", async (event, context) => {
    await context.step("once", () => void calls.push(`step ${event.id}`));
    if (event.id === 2 && failures-- > 0) throw new RetryLater(20, "not yet");
    calls.push(`row ${event.id} at ${context.attempt}`);
  });
  await inbox.put(callback(1, 1, 2, 3));
  await inbox.put(callback(1, 4));
  await inbox.put(callback(2, 5));
  await receiver.start();
  await until("3 callbacks are done", async () => (await totalsOf(inbox)).done === 3);
  await receiver.stop();
  const lane = (ids: number[]) => calls.filter((call) => ids.includes(Number(call.split(" ")[1])));
  assert.deepEqual(lane([1, 2, 3, 4]), [
    "step 1",
    "row 1 at 1",
    "step 2",
    "row 2 at 3",
    "step 3",
    "row 3 at 1",
    "step 4",
    "row 4 at 1",
  ]);
  assert.ok(calls.indexOf("row 5 at 1") < calls.indexOf("row 2 at 3"), "another lane isn't held up");
  assert.equal(receiver.counts.failures, 2);
  assert.match(
    log.lines.join("\n"),
    /warn Attempt 1 at callback n\d+ of webhook \d+ failed at event 2, handler 1, next in 20 ms: not yet\n/,
  );
});

test("a callback that used up its attempts is a dead letter, and its lane goes on", async () => {
  const { inbox, log, receiver } = setUp({ attempts: 3 });
  let calls = 0;
  receiver.on("row.*", (event) => {
    if (event.id === 1) {
      calls++;
      // The last attempt counts, whatever the handler asks for.
      throw new RetryLater(1);
    }
  });
  await inbox.put(callback(1, 1));
  await inbox.put(callback(1, 2));
  await receiver.start();
  await until("1 callback is done", async () => (await totalsOf(inbox)).done === 1);
  await receiver.stop();
  assert.equal(calls, 3);
  assert.deepEqual(await totalsOf(inbox), { pending: 0, done: 1, dead: 1 });
  assert.equal(receiver.counts.deadLetters, 1);
  assert.equal(receiver.counts.deadCalls, 1);
  assert.match(
    log.lines.join("\n"),
    /error A call of callback n\d+ of webhook \d+ is dead after 3 attempts at event 1, handler 1: Handler asked to/,
  );
  assert.match(log.lines.join("\n"), /error Callback n\d+ of webhook \d+ is a dead letter: 1 dead call; 1 event, /);
});

test("Discard ends the callback for good", async () => {
  const { inbox, log, receiver } = setUp();
  const ids: number[] = [];
  receiver.on("row.*", (event) => {
    ids.push(event.id);
    if (event.id === 1) throw new Discard("not ours");
  });
  await inbox.put(callback(1, 1, 2));
  await inbox.put(callback(1, 3));
  await receiver.start();
  await until("2 callbacks are done", async () => (await totalsOf(inbox)).done === 2);
  await receiver.stop();
  assert.deepEqual(ids, [1, 3]);
  assert.equal(receiver.counts.discarded, 1);
  assert.match(log.lines.join("\n"), /is discarded at event 1, handler 1: not ours/);
});

test("retries double from 1 s to 1 h, about 20 % more or less, and last about 3 hours", async () => {
  const delays = async (random: () => number) => {
    const { receiver } = setUp({ random });
    receiver.on("row.*", () => {
      throw new Error("no");
    });
    const results: number[] = [];
    for (let attempt = 1; attempt < 15; attempt++) {
      const result = await receiver.run(callback(1, 1), { attempt });
      results.push((result as { retryAfterMs: number }).retryAfterMs);
    }
    return results;
  };
  const middle = await delays(() => 0.5);
  assert.deepEqual(middle.slice(0, 4), [1000, 2000, 4000, 8000]);
  assert.deepEqual(middle.slice(-2), [3_600_000, 3_600_000]);
  const hours = middle.reduce((sum, ms) => sum + ms, 0) / 3_600_000;
  assert.ok(hours > 3 && hours < 3.5, `${hours} hours`);
  const shortest = await delays(() => 0);
  assert.deepEqual([shortest[0], shortest.at(-1)], [800, 2_880_000]);
  const longest = await delays(() => 1);
  assert.equal(longest[0], 1200);
  assert.equal(Math.max(...longest), 3_600_000);
});

test("stop() lets the running call end and saves the place; start() goes on there", async () => {
  const { inbox, receiver } = setUp();
  const calls: number[] = [];
  let started: () => void;
  const running = new Promise<void>((resolve) => started = resolve);
  receiver.on("row.*", async (event) => {
    if (event.id === 2) {
      started();
      await delay(50);
    }
    calls.push(event.id);
  });
  await inbox.put(callback(1, 1, 2, 3));
  await receiver.start();
  await running;
  await receiver.stop();
  assert.deepEqual(calls, [1, 2]);
  assert.equal((await inbox.overview()).pending, 1);
  await receiver.start();
  await until("1 callback is done", async () => (await totalsOf(inbox)).done === 1);
  await receiver.stop();
  assert.deepEqual(calls, [1, 2, 3]);
});

test("stop() aborts the signal of a handler that takes too long, and gives its lane back", async () => {
  const { inbox, receiver } = setUp();
  let aborted: unknown;
  let isRunning = false;
  receiver.on("row.*", (_event, context) =>
    new Promise((resolve) => {
      isRunning = true;
      context.signal.addEventListener("abort", () => resolve(aborted = context.signal.reason));
    }));
  await inbox.put(callback(1, 1));
  await receiver.start();
  await until("the handler runs", () => isRunning);
  await receiver.stop({ graceMs: 20 });
  assert.equal((aborted as { code: string }).code, "lease_lost");
  assert.equal((await inbox.lease(1, 1000)).length, 1, "the lane is free");
  assert.equal((await inbox.overview()).pending, 1, "the callback is still owed");
});

test("the worker outlives an inbox that is away for a while, and says so once", async () => {
  const memory = memoryInbox();
  let away = 2;
  const inbox: FullInbox = {
    ...memory,
    lease: (...lease) => away-- > 0 ? Promise.reject(new Error("away")) : memory.lease(...lease),
  };
  const { log, receiver } = setUp({ inbox });
  const ids: number[] = [];
  receiver.on("row.*", (event) => void ids.push(event.id));
  await inbox.put(callback(1, 1));
  await receiver.start();
  await until("its event was handled", () => ids.length === 1);
  await receiver.stop();
  assert.equal(log.lines.filter((line) => line.includes("Error: away")).length, 1);
  assert.equal(log.lines.filter((line) => line === "info Inbox works again").length, 1);
});

test("what was worked is recorded when the inbox is back, not worked again", async () => {
  const memory = memoryInbox();
  const away = { finish: 2, saveStep: 1 };
  const inbox: FullInbox = {
    ...memory,
    finish: (...args) => away.finish-- > 0 ? Promise.reject(new Error("away")) : memory.finish(...args),
    saveStep: (...args) => away.saveStep-- > 0 ? Promise.reject(new Error("away")) : memory.saveStep(...args),
  };
  const { log, receiver } = setUp({ inbox });
  const calls: string[] = [];
  receiver.on("row.*", async (event, context) => {
    await context.step("once", () => void calls.push(`step ${event.id}`));
    calls.push(`end ${event.id}`);
  });
  await inbox.put(callback(1, 1));
  await inbox.put(callback(1, 2));
  await receiver.start();
  await until("2 callbacks are done", async () => (await totalsOf(inbox)).done === 2);
  await receiver.stop();
  assert.deepEqual(calls, ["step 1", "end 1", "step 2", "end 2"]);
  assert.equal(log.lines.filter((line) => line.includes("Error: away")).length, 1);
});

test("an inbox that can't record is not asked, and handlers not run, in a hot loop", async () => {
  const memory = memoryInbox();
  let asked = 0;
  const full = () => Promise.reject(new Error(`disk is full ${++asked}`));
  const inbox: FullInbox = { ...memory, finish: full };
  const { log, receiver } = setUp({ inbox });
  let runs = 0;
  receiver.on("row.*", () => void runs++);
  await inbox.put(callback(1, 1));
  await receiver.start();
  // Half a second lies between two tries: what runs in a loop has run many times by then.
  await delay(300);
  await receiver.stop({ graceMs: 0 });
  assert.equal(runs, 1);
  assert.ok(asked <= 3);
  assert.equal(log.lines.filter((line) => line.includes("disk is full")).length, 1);
});

test("timers get their turn within a callback of many events, too", async () => {
  const { inbox, receiver } = setUp();
  let turns = 0;
  const timer = setInterval(() => turns++, 1);
  receiver.on("row.*", () => {
    const end = performance.now() + 1;
    while (performance.now() < end);
  });
  await inbox.put(callback(1, ...Array.from({ length: 300 }, (_, id) => id)));
  await receiver.start();
  await until("1 callback is done", async () => (await totalsOf(inbox)).done === 1);
  clearInterval(timer);
  await receiver.stop();
  assert.ok(turns >= 10, `${turns} turns`);
});

test("no error is kept longer than 4,000 characters, and no wait longer than 30 days", async () => {
  const { inbox, log, receiver } = setUp();
  receiver.on("row.*", (event) => {
    if (event.id === 1) throw new Error("x".repeat(1e6));
    throw new RetryLater(Number.MAX_SAFE_INTEGER);
  });
  await inbox.put(callback(1, 1));
  await inbox.put(callback(2, 2));
  await receiver.start();
  await until("both have failed", () => receiver.counts.failures === 2);
  await receiver.stop();
  const [longest, retry] = [
    Math.max(...log.lines.map((line) => line.length)),
    /next in (\d{6,}) ms/.exec(log.lines.join()),
  ];
  assert.ok(longest < 5000);
  assert.equal(retry?.[1], String(30 * 86_400_000));
});

test("requests and timers get their turn while many callbacks are worked", async () => {
  const { inbox, receiver } = setUp();
  let handled = 0;
  receiver.on("row.*", () => void handled++);
  const many = 20_000;
  for (let count = 0; count < many; count++) await inbox.put(callback(count % 100 + 1, 1));
  let handledAtTimer = many;
  setTimeout(() => handledAtTimer = handled, 1);
  await receiver.start();
  await until("all are handled", () => handled === many);
  await receiver.stop();
  assert.ok(handledAtTimer < many, "the timer came when all was done");
});

test("a busy lane is given back, so that it starves no other", async () => {
  const { inbox, receiver } = setUp({ concurrency: 1 });
  const lanes: number[] = [];
  receiver.onCallback(({ scopeObjectId }) => void lanes.push(scopeObjectId));
  for (let count = 0; count < 200; count++) await inbox.put(callback(1, 1));
  await inbox.put(callback(2, 1));
  await receiver.start();
  await until("all are handled", () => lanes.length === 201);
  await receiver.stop();
  assert.ok(lanes.indexOf(2) <= 50, `${lanes.indexOf(2)} callbacks of the busy lane came first`);
});

test("stop() doesn't wait while the inbox is asked for work, nor when there is none", async () => {
  const memory = memoryInbox();
  const inbox: FullInbox = {
    ...memory,
    lease: async (...lease) => {
      await delay(20);
      return memory.lease(...lease);
    },
  };
  const { receiver } = setUp({ inbox });
  const startedAt = performance.now();
  const graceMs = 600_000;
  await receiver.start();
  await receiver.stop({ graceMs });
  await receiver.start();
  await delay(50);
  await receiver.stop({ graceMs });
  assert.ok(performance.now() - startedAt < graceMs / 2);
});

test("start() during stop() starts when that is done", async () => {
  const { inbox, receiver } = setUp();
  let handled = 0;
  receiver.on("row.*", () => void handled++);
  await receiver.start();
  const stopped = receiver.stop();
  await receiver.start();
  await stopped;
  await inbox.put(callback(1, 1));
  await until("all are handled", () => handled === 1);
  await receiver.stop();
});

test("a slot that becomes free while others are leased is filled at once", async () => {
  const memory = memoryInbox();
  let leases = 0;
  const inbox: FullInbox = {
    ...memory,
    async lease(limit, leaseMs) {
      // The second time, the first lane ends meanwhile; the third lane is put, so that as many come as were wanted.
      if (++leases === 2) await until("the first has ended", () => ended.includes(1));
      return memory.lease(limit, leaseMs);
    },
  };
  const ended: number[] = [];
  const { receiver } = setUp({ inbox, concurrency: 2 });
  let endSecond = () => {};
  receiver.onCallback(async ({ scopeObjectId }) => {
    if (scopeObjectId === 1) await until("the second is leased", () => leases === 2);
    if (scopeObjectId === 2) await new Promise<void>((resolve) => endSecond = resolve);
    ended.push(scopeObjectId);
  });
  await inbox.put(callback(1, 1));
  await receiver.start();
  await until("the first runs", () => leases === 1 || leases === 2);
  await inbox.put(callback(2, 1));
  await inbox.put(callback(3, 1));
  await until("the third is done while the second runs", () => ended.includes(3));
  assert.ok(!ended.includes(2));
  endSecond();
  await receiver.stop();
});

test("two stop()s end together, and neither waits out its grace time", async () => {
  const { inbox, receiver } = setUp();
  let end = () => {};
  let isRunning = false;
  receiver.on("row.*", () => {
    isRunning = true;
    return new Promise<void>((resolve) => end = resolve);
  });
  await inbox.put(callback(1, 1));
  await receiver.start();
  await until("the handler runs", () => isRunning);
  const graceMs = 600_000;
  const startedAt = performance.now();
  const both = [receiver.stop({ graceMs }), receiver.stop({ graceMs })];
  end();
  await Promise.all(both);
  assert.ok(performance.now() - startedAt < graceMs / 2);
});

test("of start() and stop(), the one that was called last holds", async () => {
  const { inbox, receiver } = setUp();
  let handled = 0;
  receiver.on("row.*", () => void handled++);
  const status = async () =>
    (await receiver.fetch(await signedRequest(callbackBody({ nonce: `s${++number}` })))).status;
  await Promise.all([receiver.start(), receiver.stop()]);
  await inbox.put(callback(1, 1));
  await Promise.all([receiver.stop(), receiver.start(), receiver.stop()]);
  await delay(50);
  assert.deepEqual([handled, await status()], [0, 503]);
  await Promise.all([receiver.start(), receiver.stop(), receiver.start()]);
  await until("it is handled", () => handled === 1);
  assert.equal(await status(), 200);
  await receiver.stop();
});

test("a handler that hangs keeps no place over stop() and start()", async () => {
  const { inbox, receiver } = setUp({ concurrency: 1 });
  const seen: number[] = [];
  receiver.on("row.*", async (event, { attempt }) => {
    seen.push(event.id);
    if (event.id === 1 && attempt === 1) await new Promise(() => {});
  });
  await inbox.put(callback(1, 1));
  await receiver.start();
  await until("it hangs", () => seen.length === 1);
  await inbox.put(callback(2, 2));
  await receiver.stop({ graceMs: 10 });
  await receiver.start();
  await until("another sheet is handled", () => seen.includes(2));
  await receiver.stop({ graceMs: 10 });
});

/** Things that throw when they are looked at. */
function horrors(): unknown[] {
  const no = () => {
    throw new Error("don't look");
  };
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  const names = ["code", "message", "stack", "cause", "name", "toJSON", "delayMs", "errors"];
  const trapped = new Proxy(new Error("trapped"), { get: no, getPrototypeOf: no, has: no, ownKeys: no });
  const getters = names.map((name) => Object.defineProperty(new Error("getter"), name, { get: no }));
  return [proxy, trapped, ...getters, Object.defineProperty({}, "message", { get: no }), { toString: no }, () => {}];
}

test("what throws when it is looked at counts against its own call alone, with a wait, and is logged", async () => {
  const { inbox, log, receiver } = setUp({ attempts: 2, random: () => 0 });
  const all = horrors();
  receiver.on("row.*", (event) => {
    throw all[event.id];
  });
  for (let id = 0; id < all.length; id++) await inbox.put(callback(id + 1, id));
  await receiver.start();
  await until("all are dead", async () => (await totalsOf(inbox)).dead === all.length);
  await receiver.stop();
  const lines = log.lines.filter((line) => !line.startsWith("info"));
  assert.equal(
    lines.filter((line) => /^warn Attempt 1 at .* failed at event 1, handler 1, next in 800 ms: ./.test(line)).length,
    all.length,
  );
  assert.equal(
    lines.filter((line) => /^error A call of callback .* is dead after 2 attempts at event 1/.test(line)).length,
    all.length,
  );
  assert.equal(lines.length, 3 * all.length, lines.join("\n"));
  assert.equal(receiver.counts.failures, 2 * all.length);
});

test("what throws when it is looked at is a failure for run(), and a 500 without an inbox", async () => {
  for (const horror of horrors()) {
    const log = createLog();
    const receiver = createReceiver({ secrets: SECRET, logger: log }).on("row.*", () => {
      throw horror;
    });
    const result = await receiver.run(callback(1, 1), { attempt: 1 });
    assert.ok("retryAfterMs" in result && result.retryAfterMs > 0);
    assert.equal((await receiver.fetch(await signedRequest(callbackBody()))).status, 500);
    assert.equal(log.lines.length, 2, log.lines.join("\n"));
    assert.match(log.lines[1]!, /^error Refused with 500: /);
  }
});

test("a process ends by itself after stop(), whatever the grace time was", async () => {
  const child = await startChild(new URL("./support/programs/worker_program.ts", import.meta.url), [], {
    permissions: ["-A"],
    ready: /(handled)/,
  });
  const late = new Promise<string>((resolve) => setTimeout(resolve, 60_000, "late").unref?.());
  const ended = await Promise.race([child.exited, late]);
  await child.kill();
  assert.equal(ended, 0, child.output);
});

// What follows needs shorter leases than a receiver has.

function setUpWorker(inbox: Inbox, times: { leaseMs: number; renewMs: number; longMs?: number }, attempts = 15) {
  const log = createLog();
  const counts = createCounts();
  const handlers = createHandlers();
  const changeAgent = createChangeAgent("ours", undefined, globalThis.fetch);
  const worker = createWorker({
    inbox,
    attempts,
    concurrency: 4,
    logger: log,
    counts,
    outcomeOf: createOutcomeOf({ random: () => 0.5, logger: log, counts }),
    runAttempt: createRunAttempt({ handlers, changeAgent, deliverOwnChanges: false, logger: log, counts }),
    ...times,
  });
  return { counts, handlers, log, worker };
}

test("a lost lease aborts the signal, and nothing is recorded by who has lost it", async () => {
  const memory = memoryInbox();
  let finished = 0;
  let listens = false;
  const inbox: FullInbox = {
    ...memory,
    // When the handler listens: else it would wait for an event that was before.
    renew: (leases) => Promise.resolve(listens ? leases : []),
    finish: (...finish) => (finished++, memory.finish(...finish)),
  };
  const { handlers, log, worker } = setUpWorker(inbox, { leaseMs: 60_000, renewMs: 20 });
  const steps: unknown[] = [];
  const aborted = new Promise<unknown>((resolve) => {
    handlers.on("row.*", (_event, context) =>
      new Promise<void>((end) => {
        context.signal.addEventListener("abort", async () => {
          await context.step("late", () => steps.push("ran")).catch((error) => steps.push(error.code));
          resolve(context.signal.reason);
          end();
        });
        listens = true;
      }));
  });
  await inbox.put(callback(1, 1));
  await worker.start();
  assert.equal((await aborted as { code: string }).code, "lease_lost");
  await worker.stop(1000);
  assert.deepEqual(steps, ["lease_lost"]);
  assert.equal(finished, 0);
  assert.equal(log.lines.filter((line) => line.includes("The lease of lane 1 is lost")).length, 1);
});

test("a lane that is given back while leases are renewed is no lost one", async () => {
  const memory = memoryInbox();
  const inbox: FullInbox = {
    ...memory,
    async release(lease) {
      await memory.release(lease);
      await delay(30);
    },
  };
  const { log, worker } = setUpWorker(inbox, { leaseMs: 20_000, renewMs: 5 });
  await inbox.put(callback(1, 1));
  await worker.start();
  await until("1 callback is done", async () => (await totalsOf(inbox)).done === 1);
  await worker.stop(1000);
  assert.deepEqual(log.lines.filter((line) => !line.includes("Processed callback")), []);
});

test("stop() ends also when the inbox doesn't answer any more", async () => {
  const memory = memoryInbox();
  const never = () => new Promise<never>(() => {});
  const inbox: FullInbox = { ...memory, finish: never, release: never };
  const { handlers, worker } = setUpWorker(inbox, { leaseMs: 60_000, renewMs: 20_000 });
  const signal = new Promise<AbortSignal>((resolve) => {
    handlers.on("row.*", (_event, context) => (resolve(context.signal), never()));
  });
  await inbox.put(callback(1, 1));
  await worker.start();
  const { aborted } = await signal;
  await worker.stop(1);
  assert.deepEqual([aborted, (await signal).aborted], [false, true]);
});

test("no handler begins when its lease has run out while the process was stopped", async () => {
  const memory = memoryInbox();
  let isFirst = true;
  const inbox: FullInbox = {
    ...memory,
    async take(lease) {
      const work = await memory.take(lease);
      // As SIGSTOP does: what has arrived by SIGCONT is told before the timers fire.
      for (const endAt = performance.now() + 400; isFirst && performance.now() < endAt;);
      isFirst = false;
      return work;
    },
  };
  const { handlers, worker } = setUpWorker(inbox, { leaseMs: 200, renewMs: 60_000 });
  const attempts: number[] = [];
  handlers.on("row.*", (_event, { attempt }) => void attempts.push(attempt));
  await inbox.put(callback(1, 1));
  await worker.start();
  await until("a handler was called", () => attempts.length > 0);
  await worker.stop(1000);
  assert.deepEqual(attempts, [2]);
});

test("the signal aborts when the lease runs out while the inbox is away", async () => {
  const inbox: FullInbox = { ...memoryInbox(), renew: () => Promise.reject(new Error("away")) };
  const { handlers, worker } = setUpWorker(inbox, { leaseMs: 100, renewMs: 20 });
  const aborted = new Promise<unknown>((resolve) => {
    handlers.on("row.*", (_event, context) =>
      new Promise<void>((end) => {
        context.signal.addEventListener("abort", () => (resolve(context.signal.reason), end()));
      }));
  });
  await inbox.put(callback(1, 1));
  await worker.start();
  assert.equal((await aborted as { code: string }).code, "lease_lost");
  await worker.stop(1000);
});

test("a callback whose attempts never end is a dead letter, too", async () => {
  let now = 0;
  const inbox = memoryInbox({ now: () => now });
  await inbox.put(callback(1, 1));
  for (let attempt = 1; attempt <= 3; attempt++) {
    const [lease] = await inbox.lease(1, 1000);
    assert.equal((await inbox.take(lease!))?.attempt, attempt);
    // The process is killed here.
    now += 10_000;
  }
  const { counts, handlers, log, worker } = setUpWorker(inbox, { leaseMs: 60_000, renewMs: 20_000 }, 3);
  let runs = 0;
  handlers.on("row.*", () => void runs++);
  await worker.start();
  await until("it is dead", async () => (await totalsOf(inbox)).dead === 1);
  await worker.stop(1000);
  assert.equal(runs, 0);
  assert.equal(counts.deadLetters, 1);
  assert.match(
    log.lines.join("\n"),
    /dead after 3 attempts at event 1, handler 1: Error: Attempt 3, the last one, never ended/,
  );
});

test("a callback with three unfinished attempts runs alone", async () => {
  let now = 0;
  const inbox = memoryInbox({ now: () => now });
  await inbox.put(callback(1, 1));
  for (let attempt = 1; attempt <= 3; attempt++) {
    const [lease] = await inbox.lease(1, 1000);
    await inbox.take(lease!);
    // The process is killed here.
    now += 10_000;
  }
  for (let lane = 2; lane <= 8; lane++) for (let id = 2; id <= 4; id++) await inbox.put(callback(lane, id));
  const { handlers, worker } = setUpWorker(inbox, { leaseMs: 60_000, renewMs: 20_000 });
  let running = 0;
  let most = 0;
  const besideIt: number[] = [];
  handlers.on("row.*", async (event) => {
    most = Math.max(most, ++running);
    await delay(5);
    if (event.id === 1) besideIt.push(running);
    running--;
  });
  await worker.start();
  await until("22 callbacks are done", async () => (await totalsOf(inbox)).done === 22);
  await worker.stop(1000);
  assert.deepEqual(besideIt, [1]);
  assert.ok(most > 1);
});

test("a callback that waits for one that runs alone when the process stops has used no attempt", async () => {
  let now = 0;
  const memory = memoryInbox({ now: () => now });
  await memory.put(callback(1, 1));
  for (let attempt = 1; attempt <= 3; attempt++) {
    const [lease] = await memory.lease(1, 1000);
    await memory.take(lease!);
    now += 10_000;
  }
  let takes = 0;
  const inbox = { ...memory, take: (lease: Parameters<typeof memory.take>[0]) => (takes++, memory.take(lease)) };
  const { handlers, worker } = setUpWorker(inbox, { leaseMs: 60_000, renewMs: 20_000 });
  let began = 0;
  handlers.on("row.*", () => {
    began++;
    return new Promise<void>(() => {});
  });
  await worker.start();
  await until("the first runs alone", () => began === 1);
  await memory.put(callback(2, 1));
  await until("the second waits", () => takes === 2);
  await worker.stop(50);
  assert.equal(began, 1);
  now += 120_000;
  const leases = await memory.lease(2, 1000);
  const works = await Promise.all(leases.map((lease) => memory.take(lease)));
  assert.equal(works.find((work) => work?.callback.scopeObjectId === 2)?.attempt, 1);
});

test("handlers that hang are told of, and how many places they hold", async () => {
  const inbox = memoryInbox();
  const { handlers, log, worker } = setUpWorker(inbox, { leaseMs: 60_000, renewMs: 20_000, longMs: 20 });
  const end: (() => void)[] = [];
  handlers.on("row.*", () => new Promise<void>((resolve) => end.push(resolve)));
  const told = () => log.lines.filter((line) => line.includes("has been running"));
  await inbox.put(callback(1, 1));
  await worker.start();
  await until("one is told of", () => told().length === 1);
  assert.match(
    told()[0]!,
    /^warn Callback n\d+ of .* over 0.02 s \(attempt 1\): its sheet waits; .* hold 1 of 4 places$/,
  );
  for (const lane of [2, 3, 4]) await inbox.put(callback(lane, 1));
  await until("all are told of", () => told().length === 4);
  assert.match(told()[3]!, /^error .* hold 4 of 4 places, so no other sheet is processed until one of them ends$/);
  end.forEach((resolve) => resolve());
  await worker.stop(1000);
});
