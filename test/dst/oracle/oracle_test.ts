import assert from "node:assert/strict";
import { test } from "node:test";
import type { StoredCallback, StoredDeadCall } from "../../../src/inbox/inspect.ts";
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
    givenUp: new Map<number, number[]>(),
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

/** A callback with a dead call, which is replaced by `attributes`. */
function dead(event: string | number, handler: string, attributes: Partial<StoredDeadCall> = {}): StoredCallback {
  const call = { event, handler: 0, fingerprint: "" };
  const deadCall = { number: 1, call, handler, state: "dead", attempts: 3, error: "no", diedAt: 0, ...attributes };
  return stored(1, { state: deadCall.state === "dead" ? "dead" : "done", deadCalls: [deadCall as StoredDeadCall] });
}

const deadRow = (attempts: number) => dead(0, "row.* row#1", { attempts });

/** An attempt that fails. */
const failed = (attempt: number, process = "p1") => [
  call("begins", "row 1/1/0", { attempt, process }),
  fails("row 1/1/0", "error", { attempt, process }),
];

test("the oracle finds a call that is dead too early, and an attempt too many", () => {
  const attempts = [1, 2, 3].flatMap((attempt) => failed(attempt));
  const history = [sent("1"), answered("1"), ...attempts, ...run("callback 1/1/all")];
  assert.equal(check(history, { stored: [deadRow(3)] }), "");
  assert.match(check(history, { stored: [deadRow(2)], attempts: 3 }), /is dead after 2 of 3 attempts/);
  assert.match(check(history, { stored: [deadRow(4)], attempts: 4 }), /its last attempt never began/);
  assert.match(check(history, { stored: [deadRow(3)], attempts: 2 }), /Attempt 3 of 2 at row/);
  const full: Happening = { what: "fault", text: "the disk is full" };
  assert.equal(check([full, ...history], { stored: [deadRow(3)], attempts: 2 }), "");
  assert.match(check([full, ...history], { stored: [deadRow(3)], attempts: 1 }), /Attempt 3 of 1 at row/);
  const back = [...run("row 1/1/0", { attempt: 2 }), ...run("row 1/1/0")];
  assert.match(
    check([sent("1"), answered("1"), ...back, ...run("callback 1/1/all")]),
    /Attempt 1 at .* followed attempt 2/,
  );
});

test("an attempt that a kill took before it came to its call counts, and the one behind it has to begin", () => {
  const killed: Happening = { what: "killed", process: "p2" };
  const all = (...attempts: Happening[]) => [sent("1"), answered("1"), ...attempts, ...run("callback 1/1/all")];
  const given = { stored: [deadRow(3)], attempts: 2 };
  assert.equal(check(all(...failed(1), killed, ...failed(3)), given), "");
  assert.match(check(all(...failed(1), killed), given), /its last attempt never began/);
  assert.match(check(all(...failed(1), ...failed(2), killed), given), /its last attempt never began/);
});

test("the oracle finds callbacks and calls out of order", () => {
  const wrong = [sent("1"), answered("1"), sent("2"), answered("2"), ...worked(2), ...worked(1)];
  assert.match(check(wrong), /Callback 1\/2@1 began at 4 ms, before 1\/1@1 had ended, which came first/);
  const both = [sent("1"), sent("2"), answered("1"), answered("2"), ...worked(2), ...worked(1)];
  assert.equal(check(both), "");
  const calls = [sent("1"), answered("1"), ...run("callback 1/1/all"), ...run("row 1/1/0")];
  assert.match(check(calls, { stored: [stored(1)] }), /Call row 1\/1\/0@1 began for the first time behind one/);
});

test("a change comes behind the whole callback only if a kill made the callback start over before its rows were read", () => {
  const began = (text: string, process: string) => call("begins", text, { process });
  const killed: Happening = { what: "killed", process: "p1" };
  const calls = (...happenings: Happening[]) => check([sent("1"), answered("1"), ...happenings], { stored: [] });
  const first = [began("row 1/1/0", "p1"), began("callback 1/1/all", "p1"), killed];
  const again = began("row 1/1/0", "p2");
  const changes = [began("change 1/1/row/3", "p2"), began("change 1/1/row/4", "p2")];
  const late = /Call change 1\/1\/row\/[34]@1 began for the first time behind one/;
  const onlyOrder = (text: string) => text.split("\n").filter((line) => late.test(line)).join("\n");
  assert.equal(onlyOrder(calls(...first, again, ...changes)), "");
  // It went on in another place, it was not killed, a change had been told before, or the callback had come again meanwhile.
  assert.match(calls(...first, ...changes.toReversed()), late);
  assert.match(calls(...first.slice(0, 2), again, ...changes), late);
  assert.match(calls(first[0]!, began("change 1/1/row/4", "p1"), ...first.slice(1), again, changes[0]!), late);
  assert.match(calls(...first, again, changes[0]!, began("callback 1/1/all", "p2"), changes[1]!), late);
  // An event is never late.
  const event = [began("row 1/1/1", "p1"), killed, began("row 1/1/0", "p2")];
  assert.match(calls(...event), /Call row 1\/1\/0@1 began for the first time behind one/);
});

test("the oracle finds two calls of a sheet at once, unless the first is of a process that is dead or stood still", () => {
  const begins = (process: string) => call("begins", "row 1/2/0", { process });
  assert.match(check([...GOOD, begins("p1"), begins("p2")]), /began in p2 while row 1\/2\/0@1 ran in p1/);
  for (const what of ["killed", "stands still"] as const) {
    assert.equal(check([...GOOD, begins("p1"), { what, process: "p1" }, begins("p2")]), "");
    // Two things in one moment have no order.
    assert.equal(check([...GOOD, { what, process: "p1" }, begins("p1"), begins("p2")]), "");
    assert.match(check([...GOOD, begins("p2"), { what, process: "p1" }, begins("p1")]), /began in p1 while/);
  }
  const [still, on] = (["stands still", "goes on"] as const).map((what): Happening => ({ what, process: "p1" }));
  assert.match(check([...GOOD, still!, on!, begins("p1"), begins("p2")]), /began in p2 while/);
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

test("a row is not followed if its change was derived, and the read or the call died before it was told", () => {
  const last = [...GOOD, change({})];
  const read = (state: "dead" | "skipped", row: number) => ({
    stored: [dead("read", "read rows#1", { state }), stored(2)],
    givenUp: new Map([[1, [row]]]),
  });
  for (const state of ["dead", "skipped"] as const) {
    const next = change({}, "1/2/row/3@1");
    assert.equal(check([...GOOD, next], read(state, 3), [shown("c")]), "");
    assert.match(check([...GOOD, next], read(state, 4), [shown("c")]), /Item of row 3 is c, but b was told last/);
    // It was told.
    assert.match(check(last, read(state, 3), [shown("c")]), /Item of row 3 is c, but b was told last/);
  }
  const call = (row: number) => ({ stored: [stored(2), dead(`row/${row}`, "onChange() change#1", { attempts: 4 })] });
  const next = change({}, "1/2/row/3@1");
  assert.doesNotMatch(check([...GOOD, next], call(3), [shown("c")]), /Item of row 3/);
  assert.match(check([...GOOD, next], call(4), [shown("c")]), /Item of row 3 is c, but b was told last/);
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
  const asChanges = { forwardTo: [target], forwardAs: "changes" } as const;
  assert.match(check([...GOOD, change({})], asChanges), /1\/1\/row\/\d+ never came to http:\/\/t.example/);
  assert.doesNotMatch(check([...GOOD, change({}, "1/1/row/3@2")], asChanges), /never came/);
  assert.match(
    check([...GOOD, forwards("1/1/all"), forwards("1/2/all")]),
    /was given 1\/2\/all by p1 while it had 1\/1\/all/,
  );
});
