import assert from "node:assert/strict";
import { test } from "node:test";
import { delay } from "../../src/async/delay.ts";
import { type AttemptResult, type AttemptState, createRunAttempt } from "../../src/dispatch/attempt.ts";
import type { EventCallback } from "../../src/callback/callback.ts";
import type { ChangeSource } from "../../src/mirror/derive/change_source.ts";
import { errorText } from "../../src/error_text.ts";
import { RetryLater } from "../../src/errors.ts";
import { parseCallback } from "../../src/callback/parse_callback.ts";
import { createChangeAgent } from "../../src/change_agent/change_agent.ts";
import { createCounts } from "../../src/counts.ts";
import type { Context } from "../../src/dispatch/context.ts";
import { createHandlers, type EventHandler } from "../../src/dispatch/handlers.ts";
import type { Observer } from "../../src/dispatch/observer.ts";
import type { Position } from "../../src/inbox/inbox.ts";
import { callbackBody, cellEvent, createLog, rowEvent, SHEET_ID, WEBHOOK_ID } from "../support/callbacks.ts";

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
    await delay(5);
    calls.push(`first ${event.id}`);
  });
  handlers.on(["cell.*", "*.updated"], (event) => void calls.push(`second ${event.id ?? event.rowId}`));
  handlers.onStatus(() => void calls.push("status"));
  const result = await run({
    events: [rowEvent(1), cellEvent(2, 3, { eventType: "created" }), rowEvent(4, { eventType: "deleted" })],
  });
  assert.ok(result.kind === "done");
  assert.deepEqual([result.events, result.calls], [3, 4]);
  assert.deepEqual(calls, ["first 1", "second 1", "second 2", "all 3"]);
});

test("the error of a handler has the lines of its stack that are not ours", async () => {
  const { handlers, run } = setUp();
  const fail = () => {
    throw new TypeError("no");
  };
  for (const thrower of [fail, () => void new RetryLater(-1)]) handlers.onStatus(thrower);
  for (const handler of [0, 1]) {
    const position = {
      event: "status",
      handler,
      fingerprint: handlers.fingerprintOf(handlers.status[handler]!),
    } as const;
    const result = await run({ events: null, newWebhookStatus: "ENABLED" }, { position });
    assert.ok(result.kind === "failed");
    const [, first = "", ...others] = errorText(result.error).split("\n");
    assert.match(first, /^ {4}at .*attempt_test/, "where it was thrown, and of an error of ours who called us");
    assert.deepEqual(others.filter((line) => !line.includes("attempt_test")), []);
  }
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
  assert.equal(third.kind, "done");
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

test("an event starts over when the registered patterns have changed, but keeps its steps", async () => {
  const { attempt, calls, register, saved, fail } = setUpSteps();
  register("A", "row.*");
  register("B", "row.updated");
  fail(2);
  await attempt();
  assert.deepEqual(calls.splice(0), ["A 1 A ran", "B 1 B ran", "A 2 A ran"]);
  for (const key of saved.steps.keys()) saved.steps.set(key, '"known"');
  register("C", "*.updated");
  await attempt();
  assert.deepEqual(calls.splice(0), ["A 2 known"]);
  fail(0);
  await attempt();
  assert.deepEqual(calls, ["A 2 known", "B 2 B ran", "C 2 C ran"]);
});

/** One callback of one event over several deployments, each of which registers its handlers anew. */
function setUpDeployments() {
  const saved: { position?: Position; steps: Map<string, string> } = { steps: new Map() };
  return async (register: (handlers: ReturnType<typeof createHandlers>) => void) => {
    const { handlers, run } = setUp();
    register(handlers);
    const result = await run({ events: [rowEvent(1)] }, {
      ...saved,
      saveStep: (key, json) => Promise.resolve(void saved.steps.set(key, json)),
    });
    if (result.kind === "failed") saved.position = result.position;
    return result.kind;
  };
}

test("a deployment that adds and moves other handlers keeps what steps have recorded", async () => {
  const deploy = setUpDeployments();
  let orders = 0;
  const order: EventHandler = async (_event, context) => {
    await context.step("order", () => ++orders);
    if (fails) throw new Error("no");
  };
  let fails = true;
  assert.equal(await deploy((handlers) => handlers.on("row.updated", order)), "failed");
  fails = false;
  const kind = await deploy((handlers) => {
    handlers.on("comment.created", () => {});
    handlers.on("row.*", () => {});
    handlers.on("row.updated", function mail() {});
    handlers.on("row.updated", order);
  });
  assert.deepEqual([kind, orders], ["done", 1]);
});

test("handlers of the same pattern with names of their own never read each other's steps, nor are left out, when they are swapped", async () => {
  const deploy = setUpDeployments();
  const ran: string[] = [];
  let fails = true;
  const results: string[] = [];
  async function mail(_event: unknown, { step }: Context): Promise<void> {
    results.push(await step("send", () => (ran.push("mail"), "mailed")));
  }
  async function order(_event: unknown, { step }: Context): Promise<void> {
    results.push(await step("send", () => (ran.push("order"), "ordered")));
    if (fails) throw new Error("no");
  }
  assert.equal(await deploy((handlers) => [mail, order].forEach((each) => handlers.on("row.*", each))), "failed");
  fails = false;
  results.length = 0;
  assert.equal(await deploy((handlers) => [order, mail].forEach((each) => handlers.on("row.*", each))), "done");
  assert.deepEqual(ran, ["mail", "order"]);
  assert.deepEqual(results, ["ordered", "mailed"]);
});

test("a handler that gets another name goes on where it failed: those before it don't run again", async () => {
  const deploy = setUpDeployments();
  const calls: string[] = [];
  const first = () => void calls.push("first");
  const failing = () => {
    calls.push("failing");
    throw new Error("no");
  };
  const mended = () => void calls.push("mended");
  await deploy((handlers) => [first, failing].forEach((each) => handlers.on("row.*", each)));
  await deploy((handlers) => [first, mended].forEach((each) => handlers.on("row.*", each)));
  assert.deepEqual(calls, ["first", "failing", "mended"]);
});

test("handlers without a name are told apart by their order", async () => {
  const deploy = setUpDeployments();
  const results: unknown[] = [];
  let fails = true;
  const register = (handlers: ReturnType<typeof createHandlers>) => {
    for (const result of [1, 2]) {
      handlers.on("row.*", async (_event, { step }) => {
        results.push(await step("s", () => result));
        if (fails && result === 2) throw new Error("no");
      });
    }
  };
  await deploy(register);
  fails = false;
  await deploy(register);
  assert.deepEqual(results, [1, 2, 2]);
});

test("what an observer throws by itself changes nothing, and is told once", async () => {
  const handlers = createHandlers();
  const log = createLog();
  let how: Observer["onCall"] = () => assert.fail("onCall");
  const runAttempt = createRunAttempt({
    handlers,
    changeAgent: createChangeAgent("ours", undefined, globalThis.fetch),
    deliverOwnChanges: false,
    logger: log,
    counts: createCounts(),
    observer: { onEvent: () => assert.fail("onEvent"), onCall: (call, run) => how(call, run) },
  });
  let calls = 0;
  let handle: () => unknown = () => {};
  handlers.on("row.*", () => (calls++, handle()));
  const kind = async () => {
    const state = { attempt: 1, signal: new AbortController().signal };
    return (await runAttempt(parseCallback(JSON.parse(callbackBody())), state)).kind;
  };
  const observers: Observer["onCall"][] = [
    how,
    (_call, run) => {
      run();
      throw new Error("behind it");
    },
    async (_call, run) => {
      await run();
      throw new Error("later");
    },
    async () => await Promise.reject(new Error("before it")),
    async (_call, run) => {
      await Promise.resolve();
      return run();
    },
    (_call, run) => [run(), run()],
  ];
  for (how of observers) {
    for (handle of [() => {}, () => Promise.resolve()]) assert.equal(await kind(), "done", String(how));
    for (handle of [() => assert.fail("no"), () => Promise.reject(new Error("no"))]) {
      assert.equal(await kind(), "failed", String(how));
    }
  }
  assert.equal(calls, observers.length * 4);
  assert.equal(log.lines.filter((line) => line.startsWith("warn The observer throws")).length, 1);
});

test("an attempt pauses before the next call when it is told to, or when its signal aborts", async () => {
  const { handlers, calls, run } = setUp();
  const abort = new AbortController();
  handlers.on("row.*", (event) => {
    calls.push(`${event.id}`);
    if (event.id === 2) abort.abort();
  });
  const events = [rowEvent(1), rowEvent(2), rowEvent(3)];
  const paused = await run({ events }, { onPosition: ({ event }) => event === 0 });
  assert.equal(paused.kind, "paused");
  assert.deepEqual(calls, ["1"]);
  const aborted = await run({ events }, { signal: abort.signal, position: positionOf(paused) });
  assert.equal(aborted.kind, "paused");
  assert.deepEqual(calls, ["1", "2"]);
});

test("a handler that is registered later changes the fingerprint of every place", async () => {
  const { handlers, run } = setUp();
  handlers.on("row.*", () => {
    throw new Error("always");
  });
  const before = positionOf(await run({ events: [rowEvent(1)] }));
  handlers.onCallback(() => {});
  const after = positionOf(await run({ events: [rowEvent(1)] }));
  assert.notEqual(after.fingerprint, before.fingerprint);
  assert.deepEqual([after.event, after.handler], [before.event, before.handler]);
});

test("a callback of doctor is dropped, and reaches no handler", async () => {
  const { handlers, calls, run } = setUp();
  handlers.on("row.*", () => void calls.push("event"));
  handlers.onCallback(() => void calls.push("callback"));
  assert.deepEqual(await run({ events: [rowEvent(1)], nonce: "doctor-1" }), { kind: "dropped" });
  assert.deepEqual(calls, []);
});

test("rows are read for a sheet alone that a handler asks for: the scope of a plan has none", async () => {
  const { handlers, run } = setUp();
  handlers.onChange({ sheet: SHEET_ID }, () => {});
  const asked: string[] = [];
  const changeSource = ({ scope }: EventCallback): ChangeSource => {
    asked.push(scope);
    return { part: () => Promise.resolve({ changes: [], isLast: true }), derive: () => Promise.resolve() };
  };
  for (const scope of ["plan", "report", "sheet"]) await run({ scope, events: [rowEvent(1)] }, { changeSource });
  await run({ scopeObjectId: SHEET_ID + 1, events: [rowEvent(1)] }, { changeSource });
  assert.deepEqual(asked, ["sheet"]);
});

test("an attempt counts the calls of handlers, without what reads the rows", async () => {
  const { handlers, calls, run } = setUp();
  handlers.onChange({}, () => void calls.push("change"));
  const reading = (): ChangeSource => {
    let isRead = false;
    return {
      part: () => Promise.resolve(isRead ? { changes: [], isLast: true } : undefined),
      derive() {
        isRead = true;
        calls.push("read");
        return Promise.resolve();
      },
    };
  };
  const result = await run({ events: [rowEvent(1, { changeAgent: "ours" })] }, { changeSource: reading });
  assert.ok(result.kind === "done");
  assert.deepEqual([calls, result.calls], [["read"], 0]);
});

test("a call that throws because its attempt was aborted is not dead, on its last attempt either", async () => {
  const { handlers, run } = setUp();
  const abort = new AbortController();
  handlers.on("row.*", () => {
    abort.abort(new Error("the lease is lost"));
    throw new Error("the connection was closed");
  });
  const { kind } = await run({ events: [rowEvent(1)] }, { signal: abort.signal, attempts: 1 });
  assert.equal(kind, "failed");
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
