import assert from "node:assert/strict";
import { test } from "node:test";
import type { StoredCallback } from "../../../src/inbox/inspect.ts";
import type { Happening, ToldChange } from "../history.ts";
import type { ShownSheet } from "../smartsheet.ts";
import { checkFacts } from "./check_history.ts";
import type { Facts } from "./facts.ts";

// An oracle that finds nothing proves nothing: here is what it must find.

const EVENTS = [{ objectType: "row", eventType: "updated", id: 3 }];
const CONTENT = JSON.stringify(EVENTS);

/** A callback with one event of a row, as it is kept: its nonce is its number. */
function stored(id: number, attributes: Partial<StoredCallback> = {}): StoredCallback {
  const body = JSON.stringify({ events: EVENTS });
  const envelope = { id, webhookId: 1, nonce: String(id), timestamp: `at ${id}`, scopeObjectId: 5, body };
  return { ...envelope, state: "done", deadCalls: [], ...attributes } as unknown as StoredCallback;
}

const sent = (nonce: string): Happening => ({ what: "sent", nonce, content: CONTENT });

function answered(nonce: string, attributes: object = {}): Happening {
  const known = {
    status: 200,
    isForged: false,
    webhookId: 1,
    nonce,
    timestamp: `at ${nonce}`,
    sheet: 5,
    content: CONTENT,
  };
  return { what: "answered", ...known, ...attributes };
}

/** `row 1/1/0` in process p1. */
function call(what: "begins" | "ends" | "aborts", text: string, attributes: object = {}): Happening {
  const [handler, key] = text.split(" ") as [string, string];
  return { what, handler, key: `${key}@1`, process: "p1", sheet: 5, attempt: 1, changeAgent: "", ...attributes };
}

function fails(text: string, by: "error" | "skip" | "discard", attributes: object = {}): Happening {
  return { ...call("ends", text, attributes), what: "fails", by } as Happening;
}

const run = (
  text: string,
  attributes: object = {},
) => [call("begins", text, attributes), call("ends", text, attributes)];

/** All calls of a callback. */
const worked = (id: number) => [...run(`row 1/${id}/0`), ...run(`callback 1/${id}/all`)];

const GOOD: readonly Happening[] = [sent("1"), answered("1"), ...worked(1), sent("2"), answered("2"), ...worked(2)];

function check(history: readonly Happening[], facts: Partial<Facts> = {}, sheets: readonly ShownSheet[] = []): string {
  const stamped = history.map((happening, at) => ({ ...happening, at }));
  const given = {
    stored: [stored(1), stored(2)],
    relayed: [],
    attempts: 3,
    forwardTo: [],
    forwardAs: "callbacks",
  } as const;
  return checkFacts({ history: stamped, ...given, ...facts }, sheets).join("\n");
}

const change = (attributes: Partial<ToldChange>, key = "1/1/row/3@1"): Happening => ({
  what: "told",
  key,
  change: {
    kind: "updated",
    source: "callback",
    sheet: 5,
    row: 3,
    agents: [""],
    cells: { Item: "b" },
    columns: [{ title: "Item", from: "a", to: "b" }],
    ...attributes,
  },
});

const shown = (value: string): ShownSheet => ({
  id: 5,
  columns: [{ id: 7, title: "Item" }],
  rows: [{ id: 3, rowNumber: 1, cells: [{ columnId: 7, value }] }],
});

test("the oracle finds nothing where all is well", () => {
  assert.equal(check(GOOD), "");
  assert.equal(check([...GOOD, change({})], {}, [shown("b")]), "");
});

test("the oracle finds a callback that is lost, owed, stored twice, or taken without a signature", () => {
  assert.match(check(GOOD, { stored: [stored(1)] }), /Callback 2 of webhook 1 was answered 200, and isn't there/);
  assert.match(
    check(GOOD, { stored: [stored(1), stored(2, { state: "pending" })] }),
    /Callback 2 \(2\) is still pending/,
  );
  const twin = stored(3, { nonce: "2" });
  assert.match(check(GOOD, { stored: [stored(1), stored(2), twin] }), /Callback 2 is stored twice, as 2 and 3/);
  assert.match(check([...GOOD, answered("9", { isForged: true })]), /wrong signature was answered 200: 9/);
  // With as many events, and others in it.
  const other = answered("2", { content: JSON.stringify([{ objectType: "row", eventType: "updated", id: 4 }]) });
  assert.match(check([...GOOD, other]), /Callback 2 of webhook 1 was answered 200, and isn't there/);
});

test("the oracle finds a call that never ended, and what nobody discarded", () => {
  const without = GOOD.filter((each) => each.what !== "ends" || each.key !== "1/2/0@1");
  assert.match(check(without), /Call row 1\/2\/0@1 never ended, but callback 2 is done/);
  assert.match(
    check(GOOD, { stored: [stored(1), stored(2, { state: "discarded" })] }),
    /Callback 2 is discarded, and nobody/,
  );
});

test("the oracle finds a call that is dead too early, and an attempt too many", () => {
  const attempts = [1, 2, 3].flatMap((attempt) => [
    call("begins", "row 1/1/0", { attempt }),
    fails("row 1/1/0", "error", { attempt }),
  ]);
  const dead = (tried: number) => {
    const deadCall = {
      number: 1,
      call: { event: 0, handler: 0, fingerprint: "" },
      handler: "row.* row#1",
      state: "dead",
    };
    return stored(1, { state: "dead", deadCalls: [{ ...deadCall, attempts: tried, error: "no", diedAt: 0 }] as never });
  };
  const history = [sent("1"), answered("1"), ...attempts, ...run("callback 1/1/all")];
  assert.equal(check(history, { stored: [dead(3)] }), "");
  assert.match(check(history, { stored: [dead(2)], attempts: 3 }), /is dead after 2 of 3 attempts/);
  assert.match(check(history, { stored: [dead(4)], attempts: 4 }), /its last attempt never began/);
  assert.match(check(history, { stored: [dead(3)], attempts: 2 }), /Attempt 3 of 2 at row/);
  const back = [...run("row 1/1/0", { attempt: 2 }), ...run("row 1/1/0")];
  assert.match(
    check([sent("1"), answered("1"), ...back, ...run("callback 1/1/all")]),
    /Attempt 1 at .* followed attempt 2/,
  );
});

test("the oracle finds callbacks and calls out of order", () => {
  const wrong = [sent("1"), answered("1"), sent("2"), answered("2"), ...worked(2), ...worked(1)];
  assert.match(check(wrong), /Callback 1\/2@1 began at 4 ms, before 1\/1@1 had ended, which came first/);
  const both = [sent("1"), sent("2"), answered("1"), answered("2"), ...worked(2), ...worked(1)];
  assert.equal(check(both), "");
  const calls = [sent("1"), answered("1"), ...run("callback 1/1/all"), ...run("row 1/1/0")];
  assert.match(check(calls, { stored: [stored(1)] }), /Call row 1\/1\/0@1 began for the first time behind one/);
});

test("the oracle finds two calls of a sheet at once, unless the first is of a process that is dead or stood still", () => {
  const begins = (process: string) => call("begins", "row 1/2/0", { process });
  assert.match(check([...GOOD, begins("p1"), begins("p2")]), /began in p2 while row 1\/2\/0@1 ran in p1/);
  for (const what of ["killed", "stands still"] as const) {
    assert.equal(check([...GOOD, begins("p1"), { what, process: "p1" }, begins("p2")]), "");
  }
  assert.match(
    check([...GOOD, { what: "stopped", process: "p1" }, ...run("row 1/2/0")]),
    /began in p1, which had stopped/,
  );
});

test("the oracle finds a recorded step that runs again, or has another result", () => {
  const step = (what: "step runs" | "step recorded", result: string): Happening => {
    return { what, key: "row 1/1/0@1", name: "pay", result };
  };
  const once = [...GOOD, step("step runs", "a"), step("step recorded", "a")];
  assert.equal(check([...once, step("step recorded", "a")]), "");
  assert.match(check([...once, step("step runs", "b")]), /Step row 1\/1\/0@1 pay ran again/);
  assert.match(check([...once, step("step recorded", "b")]), /had the result a, and then b/);
});

test("the oracle finds loops: own changes that call somebody, and writes without the change agent", () => {
  assert.match(check([...GOOD, ...run("row 1/1/0", { changeAgent: "theirs,ours" })]), /is of an own change/);
  const write = { what: "own write", via: "api", method: "PUT", path: "/x", changeAgent: "theirs" } as const;
  assert.match(check([...GOOD, write]), /PUT \/x carried the change agent theirs, not ours/);
  assert.match(
    check([...GOOD, change({ agents: ["ours"] })], {}, [shown("b")]),
    /was told, though only own events told of it/,
  );
});

test("the oracle finds changes that are derived twice, don't follow each other, or don't lead to what is", () => {
  const last = [...GOOD, change({})];
  assert.match(check([...last, change({ cells: { Item: "c" } })], {}, [shown("b")]), /was told as .* and as/);
  const next = change({ cells: { Item: "d" }, columns: [{ title: "Item", from: "c", to: "d" }] }, "1/2/row/3@1");
  assert.match(check([...last, next], {}, [shown("d")]), /Item of row 3 changed from c, but b was told before/);
  assert.match(check(last, {}, [shown("c")]), /Item of row 3 is c, but b was told last/);
  assert.match(check(last, {}, []), /Row 3 is gone, and nobody was told/);
  const deleted = change({ kind: "deleted" }, "1/2/row/3@1");
  assert.match(check([...last, deleted], {}, [shown("b")]), /row 3 was called deleted, and lived/);
});

test("the oracle finds what broke", () => {
  assert.match(check([...GOOD, { what: "broken", text: "stop() failed" }]), /^stop\(\) failed$/);
});

test("the oracle counts what a gap tells", () => {
  const gap = {
    what: "told of a gap",
    key: "1/1/gap@1",
    gap: { sheet: 5, created: 0, updated: 2, deleted: 0 },
  } as const;
  assert.match(check([...GOOD, change({}), gap], {}, [shown("b")]), /the gap counts 2 updated rows, but 1 were told/);
});

test("the oracle finds what a target never got, or got beside another message of the sheet", () => {
  const target = "http://t.example";
  const message = { process: "p1", target, sheet: 5 };
  const forwards = (id: string): Happening => ({ what: "forwards", ...message, id, changeAgent: "ours" });
  const forwarded = (id: string): Happening => ({ what: "forwarded", ...message, id, status: 200 });
  const all = ["1/1/all", "1/2/all"].flatMap((id) => [forwards(id), forwarded(id)]);
  assert.equal(check([...GOOD, ...all], { forwardTo: [target] }), "");
  assert.match(
    check([...GOOD, ...all.slice(0, 2)], { forwardTo: [target] }),
    /1\/2\/all never came to http:\/\/t.example/,
  );
  assert.match(
    check([...GOOD, forwards("1/1/all"), forwards("1/2/all")]),
    /was given 1\/2\/all by p1 while it had 1\/1\/all/,
  );
});
