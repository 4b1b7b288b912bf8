import assert from "node:assert/strict";
import { test } from "node:test";
import { type AttemptResult, type AttemptState, createRunAttempt } from "../src/attempt.ts";
import { parseCallback } from "../src/callback/parse_callback.ts";
import { createChangeAgent } from "../src/change_agent/change_agent.ts";
import { createCounts } from "../src/counts.ts";
import { createHandlers } from "../src/dispatch/handlers.ts";
import type { Position } from "../src/inbox/inbox.ts";
import { callbackBody, cellEvent, createLog, rowEvent, SHEET_ID, WEBHOOK_ID } from "./callbacks.ts";

const NONCE = "0fcb8d84-f214-49c3-bd91-a7b91661ad6b";

function setUp({ deliverOwnChanges = false } = {}) {
  const handlers = createHandlers();
  const counts = createCounts();
  const changeAgent = createChangeAgent("ours", undefined, globalThis.fetch);
  const runAttempt = createRunAttempt({ handlers, changeAgent, deliverOwnChanges, logger: createLog(), counts });
  const calls: string[] = [];
  const run = (attributes: Record<string, unknown>, state: Partial<AttemptState> = {}) =>
    runAttempt(parseCallback(JSON.parse(callbackBody(attributes))), {
      attempt: 1,
      signal: new AbortController().signal,
      ...state,
    });
  return { handlers, counts, calls, run };
}

function positionOf(result: AttemptResult) {
  assert.ok("position" in result);
  return result.position;
}

test("an attempt calls each matching handler of each event, then those of the callback, one after another", async () => {
  const { handlers, calls, run } = setUp();
  handlers.onCallback((callback) => void calls.push(`all ${callback.events.length}`));
  handlers.on("row.updated", async (event) => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    calls.push(`first ${event.id}`);
  });
  handlers.on(["cell.*", "*.updated"], (event) => void calls.push(`second ${event.id ?? event.rowId}`));
  handlers.onStatus(() => void calls.push("status"));
  const result = await run({
    events: [rowEvent(1), cellEvent(2, 3, { eventType: "created" }), rowEvent(4, { eventType: "deleted" })],
  });
  assert.deepEqual(result, { kind: "done" });
  assert.deepEqual(calls, ["first 1", "second 1", "second 2", "all 3"]);
});

test("an attempt gives a status callback to the status handlers alone", async () => {
  const { handlers, calls, run } = setUp();
  handlers.on("*.*", () => void calls.push("event"));
  handlers.onCallback(() => void calls.push("all"));
  handlers.onStatus((status, context) =>
    void calls.push(`${status.newWebhookStatus} ${context.idempotencyKey} ${context.changeAgent}`)
  );
  await run({ events: undefined, newWebhookStatus: "DISABLED_SCOPE_INACCESSIBLE" });
  assert.deepEqual(calls, [`DISABLED_SCOPE_INACCESSIBLE ${WEBHOOK_ID}/${NONCE}/status ours`]);
});

test("own changes are not handed over, each event for itself, but counted", async () => {
  const { handlers, counts, calls, run } = setUp();
  handlers.on(
    "row.*",
    (event, context) => void calls.push(`${event.id} ${context.changeAgent} ${JSON.stringify(context.rows())}`),
  );
  handlers.onCallback((callback, context) =>
    void calls.push(`${callback.events.map(({ id }) => id)} ${context.changeAgent}`)
  );
  const cut = `urs,${"x".repeat(508)}`;
  await run({
    events: [
      rowEvent(1),
      rowEvent(2, { changeAgent: "a,ours" }),
      rowEvent(3, { changeAgent: "a,b" }),
      rowEvent(4, { changeAgent: cut }),
      cellEvent(5, 6, { changeAgent: "b" }),
    ],
  });
  const rows = JSON.stringify([
    { rowId: 1, columnIds: [], change: "updated" },
    { rowId: 3, columnIds: [], change: "updated" },
    { rowId: 5, columnIds: [6], change: "updated" },
  ]);
  assert.deepEqual(calls, [`1 ours ${rows}`, `3 a,b,ours ${rows}`, `1,3, a,b,ours`]);
  assert.equal(counts.ownChanges, 2);
  assert.equal(counts.cutOwnChanges, 1);
  assert.equal(counts.handled, 2);
  assert.equal(counts.unhandled, 1);
});

test("an attempt doesn't call onCallback when every event is our own", async () => {
  const { handlers, calls, run } = setUp();
  handlers.onCallback(() => void calls.push("all"));
  await run({ events: [rowEvent(1, { changeAgent: "ours" })] });
  await run({ events: [] });
  assert.deepEqual(calls, []);
});

test("own changes are handed over to those who ask for them, and name us once", async () => {
  const { handlers, counts, calls, run } = setUp({ deliverOwnChanges: true });
  handlers.on("*.*", (_event, context) => void calls.push(context.changeAgent));
  await run({ events: [rowEvent(1, { changeAgent: "ours,a" })] });
  assert.deepEqual(calls, ["a,ours"]);
  assert.equal(counts.ownChanges, 1);
});

test("a whole callback names each system once, also one that a single list names twice", async () => {
  const { handlers, calls, run } = setUp();
  handlers.onCallback((_callback, context) => void calls.push(context.changeAgent));
  await run({ events: [rowEvent(1, { changeAgent: "a,b,a" })] });
  assert.deepEqual(calls, ["a,b,ours"]);
});

test("a handler gets a context that says what this call is", async () => {
  const { handlers, run } = setUp();
  const keys: string[] = [];
  handlers.on("row.updated", (event, context) => {
    keys.push(context.idempotencyKey);
    assert.equal(context.attempt, 7);
    assert.equal(context.callback.scopeObjectId, SHEET_ID);
    assert.equal(event.changeAgent, undefined);
    context.log.info("works");
  });
  handlers.on("row.updated", (_event, context) => void keys.push(context.idempotencyKey));
  handlers.onCallback((_callback, context) => void keys.push(context.idempotencyKey));
  await run({ events: [rowEvent(1), rowEvent(2)] }, { attempt: 7 });
  const key = `${WEBHOOK_ID}/${NONCE}`;
  assert.deepEqual(keys, [`${key}/0`, `${key}/0`, `${key}/1`, `${key}/1`, `${key}/all`]);
});

test("an attempt ends at the call that throws, and the next one goes on there", async () => {
  const { handlers, counts, calls, run } = setUp();
  let failAt = "second 1";
  const call = (name: string) => {
    if (name === failAt) throw new Error(`no ${name}`);
    calls.push(name);
  };
  handlers.on("row.*", (event) => call(`first ${event.id}`));
  handlers.on("row.*", (event) => call(`second ${event.id}`));
  handlers.onCallback(() => call("third"));
  handlers.onCallback(() => call("fourth"));
  const events = [rowEvent(1), rowEvent(2)];

  const first = await run({ events });
  assert.equal(first.kind, "failed");
  assert.deepEqual(calls, ["first 1"]);

  failAt = "fourth";
  const second = await run({ events }, { attempt: 2, position: positionOf(first) });
  assert.equal(second.kind, "failed");
  assert.deepEqual(calls, ["first 1", "second 1", "first 2", "second 2", "third"]);

  failAt = "";
  const third = await run({ events }, { attempt: 3, position: positionOf(second) });
  assert.deepEqual(third, { kind: "done" });
  assert.deepEqual(calls, ["first 1", "second 1", "first 2", "second 2", "third", "fourth"]);
  assert.equal(counts.handled, 2, "each event is counted once over all attempts");
});

/** A handler with one step, and what its attempts have saved: an inbox with one callback. */
function setUpSteps() {
  const { handlers, calls, run } = setUp();
  const saved: { position?: Position; steps: Map<string, string> } = { steps: new Map() };
  const attempt = async () => {
    const result = await run({ events: [rowEvent(1), rowEvent(2)] }, {
      ...saved,
      saveStep: (key, json) => Promise.resolve(void saved.steps.set(key, json)),
    });
    if ("position" in result) saved.position = result.position;
  };
  let failAt = 0;
  const register = (name: string, pattern: string) =>
    handlers.on(pattern, async (event, context) => {
      calls.push(`${name} ${event.id} ${await context.step("s", () => `${name} ran`)}`);
      if (event.id === failAt) throw new Error("no");
    });
  return { attempt, calls, register, saved, fail: (id: number) => failAt = id };
}

test("steps that ended aren't run again, also if no place was saved", async () => {
  const { attempt, calls, register, saved, fail } = setUpSteps();
  register("A", "row.*");
  fail(2);
  await attempt();
  saved.steps.set([...saved.steps.keys()][1]!, '"known"');
  delete saved.position;
  fail(0);
  await attempt();
  assert.deepEqual(calls, ["A 1 A ran", "A 2 A ran", "A 1 A ran", "A 2 known"]);
});

test("an event starts over, without its steps, when the registered patterns have changed", async () => {
  const { attempt, calls, register, saved, fail } = setUpSteps();
  register("A", "row.*");
  register("B", "row.updated");
  fail(2);
  await attempt();
  assert.deepEqual(calls.splice(0), ["A 1 A ran", "B 1 B ran", "A 2 A ran"]);
  for (const key of saved.steps.keys()) saved.steps.set(key, '"old"');
  register("C", "*.updated");
  await attempt();
  assert.deepEqual(calls.splice(0), ["A 2 A ran"]);
  fail(0);
  await attempt();
  assert.deepEqual(calls, ["A 2 A ran", "B 2 B ran", "C 2 C ran"]);
});

test("an attempt pauses before the next call when it is told to, or when its signal aborts", async () => {
  const { handlers, calls, run } = setUp();
  const abort = new AbortController();
  handlers.on("row.*", (event) => {
    calls.push(`${event.id}`);
    if (event.id === 2) abort.abort();
  });
  const events = [rowEvent(1), rowEvent(2), rowEvent(3)];
  const paused = await run({ events }, { onPosition: ({ event }) => event < 1 });
  assert.equal(paused.kind, "paused");
  assert.deepEqual(calls, ["1"]);
  const aborted = await run({ events }, { signal: abort.signal, position: positionOf(paused) });
  assert.equal(aborted.kind, "paused");
  assert.deepEqual(calls, ["1", "2"]);
});

test("createRunAttempt() tells an observer of each event once, and of each call", async () => {
  const handlers = createHandlers();
  const told: unknown[] = [];
  const runAttempt = createRunAttempt({
    handlers,
    changeAgent: createChangeAgent("ours", undefined, globalThis.fetch),
    deliverOwnChanges: false,
    logger: createLog(),
    counts: createCounts(),
    observer: {
      onEvent: ({ id }, result) => told.push([id, result]),
      async onCall(call, run) {
        told.push(call);
        await run();
      },
    },
  });
  let fails = true;
  handlers.on("row.updated", () => {
    if (fails) throw new Error("no");
  });
  handlers.onCallback(async () => {});
  handlers.onStatus(() => {});
  const events = [rowEvent(1), rowEvent(2, { eventType: "deleted" }), rowEvent(3, { changeAgent: "ours" })];
  const run = (attributes: Record<string, unknown>, position?: Position) =>
    runAttempt(parseCallback(JSON.parse(callbackBody(attributes))), {
      attempt: 1,
      signal: new AbortController().signal,
      position,
    });

  const first = await run({ events });
  assert.deepEqual(told.splice(0), [[1, "handled"], 0]);
  fails = false;
  await run({ events }, positionOf(first));
  assert.deepEqual(told.splice(0), [
    0,
    [2, "unhandled"],
    [3, "ownChange"],
    "all",
  ]);
  await run({ events: null, newWebhookStatus: "ENABLED" });
  assert.deepEqual(told, ["status"]);
});
