import assert from "node:assert/strict";
import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { callbackText } from "../../../src/cli/inbox/callback_text.ts";
import { memoryInbox } from "../../../src/inbox/memory.ts";
import type { Inbox } from "../../../src/inbox/inbox.ts";
import type { InspectableInbox } from "../../../src/inbox/inspect.ts";
import { sqliteInbox } from "../../../src/inbox/sqlite.ts";
import { createReceiver } from "../../../src/receiver.ts";
import { acceptedCallback, callbackBody, createLog, rowEvent, SECRET } from "../../support/callbacks.ts";
import { withFolder } from "../../support/run_cli.ts";
import { fails, runInbox, succeeds } from "../../support/run_inbox.ts";
import { until } from "../../support/until.ts";

const NO_ORDER = "Error: There is no order …";
const BUSY = "TypeError: The ERP is busy";

/** Runs everything that is pending; a handler fails for the rows 2, 3 (whose errors differ in an id) and 5. */
async function drain(inbox: Inbox & InspectableInbox): Promise<void> {
  const receiver = createReceiver({ secrets: SECRET, logger: createLog(), attempts: 1, inbox });
  receiver.on("row.*", function save(event) {
    if (event.id === 2 || event.id === 3) throw new Error(`There is no order ${event.id}00000`);
    if (event.id === 5) throw new TypeError("The ERP is busy");
  });
  receiver.onCallback((_callback, { failed }) => {
    if (failed.length > 2) throw new TypeError("The ERP is busy");
  });
  await receiver.start();
  await until("nothing is pending", async () => (await inbox.overview()).pending === 0);
  await receiver.stop();
}

let last = 0;

function callback(sheet: number, ids: readonly number[]) {
  const nonce = `n${++last}`;
  return acceptedCallback(
    { nonce, timestamp: nonce, scopeObjectId: sheet, webhookId: sheet, acceptedAt: Date.now() },
    callbackBody({ events: ids.map((id) => rowEvent(id)) }),
  );
}

/**
 * Callbacks 1 of sheet 11, with the dead calls 2, 3 and 5 of its rows and one of onCallback; 2 of sheet 12, with one dead call;
 * 3, a dead letter without dead calls, whose body can't be read; 4, done; 5, pending.
 */
async function fillInbox(file: string): Promise<void> {
  const inbox = sqliteInbox(file);
  await inbox.put(callback(11, [1, 2, 3, 4, 5]));
  await inbox.put(callback(12, [3, 4]));
  await inbox.put({ ...callback(13, []), body: "{" });
  await inbox.put(callback(14, [1]));
  await drain(inbox);
  await inbox.put(callback(15, [1]));
  await inbox.close();
}

const withInboxFile = (use: (file: string) => Promise<void>) =>
  withFolder(async (folder) => {
    const file = join(folder, "inbox.db");
    await fillInbox(file);
    await use(file);
  });

const lines = (text: string) => text.trimEnd().split("\n");
const objects = (text: string) => lines(text).filter(Boolean).map((line) => JSON.parse(line));
const statesOf = async (file: string, id: number) =>
  JSON.parse(await succeeds(file, "show", String(id), "--json")).deadCalls.map(({ state }: { state: string }) => state);

test("inbox show tells the dead calls of a callback, equal errors once, and at which call each attempt failed", async () => {
  await withInboxFile(async (file) => {
    const text = await succeeds(file, "show", "1");
    assert.match(text, /^state +dead$/m);
    assert.match(text, /^dead calls +4$/m);
    assert.doesNotMatch(text, /^failed at /m);
    const titles = lines(text).filter((line) => line.startsWith("dead call "))
      .map((line) => line.replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "T"));
    assert.deepEqual(titles, [
      "dead call 1: event 2 of 5 (row.updated), handler 1 row.* save; 1 attempt, died T",
      "dead call 2: event 3 of 5 (row.updated), handler 1 row.* save; 1 attempt, died T",
      "dead call 3: event 5 of 5 (row.updated), handler 1 row.* save; 1 attempt, died T",
      "dead call 4: onCallback, handler 1; 1 attempt, died T",
    ]);
    assert.equal(text.match(/^ {2}Error: There is no order 200000\n {6}at /gm)?.length, 1);
    assert.match(
      text,
      /^attempt 1 failed at event 3 of 5 \(row\.updated\), handler 1, .*: the same error as dead call 2$/m,
    );

    const json = JSON.parse(await succeeds(file, "show", "1", "--json"));
    const calls = json.deadCalls.map(({ number, event, handler, handlerName, state, attempts }: DeadCallJson) => [
      ...[number, event, handler, handlerName, state, attempts],
    ]);
    assert.deepEqual(calls, [
      [1, 2, 1, "row.* save", "dead", 1],
      [2, 3, 1, "row.* save", "dead", 1],
      [3, 5, 1, "row.* save", "dead", 1],
      [4, "all", 1, "onCallback", "dead", 1],
    ]);
    assert.match(json.deadCalls[0].error, /^Error: There is no order 200000\n {4}at /);
    assert.match(json.deadCalls[0].diedAt, /^\d{4}-.*Z$/);
    assert.deepEqual(json.failures.map(({ call }: { call: unknown }) => call), [
      { event: 2, handler: 1 },
      { event: 3, handler: 1 },
      { event: 5, handler: 1 },
      { event: "all", handler: 1 },
    ]);
  });
});

interface DeadCallJson {
  readonly number: number;
  readonly event: number | string;
  readonly handler: number;
  readonly handlerName: string;
  readonly state: string;
  readonly attempts: number;
}

test("inbox show tells 20 dead calls of 6,000, and the others by their errors", async () => {
  const inbox = memoryInbox();
  await inbox.put(callback(11, [...new Array(3000).fill(2), ...new Array(2990).fill(5), ...new Array(10).fill(3)]));
  await drain(inbox);
  const text = callbackText((await inbox.show(1))!, false);
  assert.equal(text.match(/^dead call \d+: /gm)?.length, 20);
  const [, more = ""] = text.split(/\n\nand 5981 more dead calls.*\n/);
  const [counts = ""] = more.split("\n\n");
  assert.deepEqual(counts.split("\n"), [`  2990 × ${NO_ORDER}`, `  2991 × ${BUSY}`].reverse());
});

test("inbox list groups dead letters by their errors, and finds those of an error", async () => {
  await withInboxFile(async (file) => {
    const text = lines(await succeeds(file, "list", "--by", "error"));
    assert.match(text[0]!, /^dead calls +callbacks +newest +error$/);
    assert.match(text[1]!, /^3 +2 +2 +Error: There is no order …$/);
    assert.match(text[2]!, /^2 +1 +1 +TypeError: The ERP is busy$/);
    assert.match(text[3]!, /^0 +1 +3 +\S/);
    assert.equal(text[4], "3 dead letters, 3 errors");
    assert.deepEqual(objects(await succeeds(file, "list", "--by", "error", "--webhook", "12", "--json")), [
      { error: NO_ORDER, callbacks: 1, calls: 1, last: 2 },
    ]);
    assert.match(await succeeds(file, "list", "--by", "error", "--limit", "1"), /\n3 dead letters, 3 errors\n$/);
    assert.deepEqual(await runInbox(file, ["list", "--by", "error", "--until", "1h"]), {
      code: 0,
      stdout: "",
      stderr: "no dead letter matches\n",
    });
    const ids = async (error: string) =>
      objects(await succeeds(file, "list", "--error", error, "--json")).map(({ id }) => id);
    assert.deepEqual(await ids(NO_ORDER), [2, 1]);
    assert.deepEqual(await ids("Error: There is no order 7654321"), [2, 1], "the first line of such an error");
    assert.deepEqual(await ids(BUSY), [1]);
    assert.deepEqual(await ids("Error"), []);
    assert.match(await succeeds(file, "stats"), /^dead +3, 5 dead calls: see `sheethook inbox list --by error`$/m);
    assert.equal(JSON.parse(await succeeds(file, "stats", "--json")).deadCalls, 5);
    const byEnv = await runInbox(file, ["list"], { SHEETHOOK_INBOX_BY: "error", SHEETHOOK_INBOX_ERROR: BUSY });
    assert.match(byEnv.stdout, /\n1 dead letter, 2 errors\n$/, byEnv.stderr);
  });
});

test("inbox replay runs the dead calls that are picked", async () => {
  await withInboxFile(async (file) => {
    assert.equal(
      await succeeds(file, "replay", "1", "--call", "4,1", "--call", "1"),
      "1 callback replayed: 2 dead calls\n",
    );
    assert.deepEqual(await statesOf(file, 1), ["owed", "dead", "dead", "owed"]);
    const text = await succeeds(file, "show", "1");
    assert.match(text, /^dead calls +2, 2 to run again$/m);
    assert.match(text, /^dead call 1, to run again: event 2 of 5/m);
    assert.doesNotMatch(text, /^resumes at /m);
    assert.equal(await succeeds(file, "replay", "--error", NO_ORDER), "1 callback replayed: 1 dead call\n");
    assert.deepEqual(await statesOf(file, 2), ["owed"]);

    const inbox = sqliteInbox(file);
    await drain(inbox);
    await inbox.close();
    assert.deepEqual(await statesOf(file, 1), ["dead", "dead", "dead", "dead"], "they have failed again");
    const out = await fails(file, 1, /Callback 1 has only 1 of the 2 dead calls that --call names: see /, ...[
      ...["replay", "1", "--call", "2", "--call", "9", "--json"],
    ]);
    assert.deepEqual(objects(out), [{ id: 1, outcome: "changed", state: "dead", calls: 1 }]);
    const refused: [RegExp, ...string[]][] = [
      [/Callback 1 .*: it is pending: its dead calls can be replayed when it has ended/, "1", "--call", "1"],
      [/Callback 2 .*: none of its dead calls \(1\) is picked: see/, "2", "--call", "2"],
      [/Callback 2 .*: none of its dead calls \(1\) is picked: see/, "2", "--error", BUSY],
      [/Callback 3 .*: it has no dead call: replay it without --call and --error/, "3", "--call", "1"],
      [/Callback 4 .*: it is done and has no dead call/, "4", "--call", "1"],
      [/Callback 9 .*: there is no such callback/, "9", "--call", "1"],
    ];
    for (const [message, ...args] of refused) await fails(file, 1, message, "replay", ...args);
  });
});

test("inbox replay --dry-run tells what would run, changes nothing, and ends as the replay would", async () => {
  await withInboxFile(async (file) => {
    await succeeds(file, "discard", "2", "--yes");
    const before = await succeeds(file, "list", "--json");
    assert.deepEqual(lines(await succeeds(file, "replay", "--dry-run", "4", "3", "2", "1")), [
      "callback 1: 4 dead calls",
      "  dead call 1: event 2 of 5 (row.updated), handler 1 row.* save",
      "  dead call 2: event 3 of 5 (row.updated), handler 1 row.* save",
      "  dead call 3: event 5 of 5 (row.updated), handler 1 row.* save",
      "  dead call 4: onCallback, handler 1",
      "callback 2: starts afresh: 2 events",
      "callback 3: goes on at event 1, handler 1",
      "callback 4: starts afresh: 1 event",
      "4 callbacks would be replayed: 4 dead calls",
    ]);
    const [line] = objects(await succeeds(file, "replay", "--error", BUSY, "--dry-run", "--json"));
    assert.deepEqual([line.id, line.outcome, line.calls, line.dryRun], [1, "changed", 2, true]);
    assert.deepEqual(line.deadCalls.map(({ number }: DeadCallJson) => number), [3, 4]);
    // The same answers, errors and exit codes as without it.
    const args = [["1", "--call", "7"], ["1", "--call", "2,7"], ["2", "--error", BUSY], ["1", "2", "3", "4", "5", "9"]];
    const plans: object[] = [];
    for (const each of args) {
      const { code, stdout, stderr } = await runInbox(file, ["replay", ...each, "--dry-run", "--json"]);
      const acted = objects(stdout).map(({ id, outcome, state, calls }) => ({ id, outcome, state, calls }));
      plans.push({ code, stderr, acted });
    }
    assert.equal(await succeeds(file, "list", "--json"), before);
    for (const [index, each] of args.entries()) {
      // Each begins where the plan did.
      await withFolder(async (folder) => {
        const copy = join(folder, "copy.db");
        await copyFile(file, copy);
        const { code, stdout, stderr } = await runInbox(copy, ["replay", ...each, "--json"]);
        assert.deepEqual({ code, stderr, acted: objects(stdout) }, JSON.parse(JSON.stringify(plans[index])));
      });
    }
  });
});

test("inbox skip gives dead calls up, and tells what became of the callback", async () => {
  await withInboxFile(async (file) => {
    await fails(file, 2, /^sheethook: Skip the dead call 2 of 1 callback\? .*Nobody can be asked here: .*--yes/, ...[
      ...["skip", "1", "--call", "2"],
    ]);
    assert.deepEqual(await statesOf(file, 1), ["dead", "dead", "dead", "dead"]);
    assert.deepEqual(lines(await succeeds(file, "skip", "1", "--call", "2", "--yes")), [
      "callback 1: 1 call skipped, 3 dead calls are left: it is a dead letter",
      "1 callback skipped: 1 dead call",
    ]);
    assert.match(
      await succeeds(file, "show", "1"),
      /^dead calls +3, 1 skipped$[^]*^dead call 2, skipped: event 3 of 5/m,
    );
    assert.deepEqual(objects(await succeeds(file, "skip", "--error", NO_ORDER, "--sheet", "11", "--yes", "--json")), [
      { id: 1, outcome: "changed", state: "dead", calls: 1, stateAfter: "dead", deadCallsLeft: 2 },
    ]);
    const out = await fails(
      ...[file, 1, /^sheethook: Callback 3 wasn't touched by skip: it has no dead call: discard it instead\n$/],
      ...["skip", "--state", "dead", "--yes"],
    );
    assert.deepEqual(lines(out), [
      "callback 1: 2 calls skipped, no dead call is left: it is done",
      "callback 2: 1 call skipped, no dead call is left: it is done",
      "2 callbacks skipped: 3 dead calls",
    ]);
    const refused: [RegExp, ...string[]][] = [
      [/Callback 1 .*: it is done, but should be dead or pending/, "1"],
      [/Callback 3 .*: it has no dead call: discard it instead/, "3"],
      [/Callback 5 .*: it is pending and has no dead call/, "5"],
      [/Callback 9 .*: there is no such callback/, "9"],
    ];
    for (const [message, ...args] of refused) await fails(file, 1, message, "skip", "--yes", ...args);
  });
});

test("inbox skip takes back a replay that hasn't run yet", async () => {
  await withInboxFile(async (file) => {
    await succeeds(file, "replay", "1", "--call", "1,2");
    assert.match(await succeeds(file, "skip", "1", "--call", "1", "--yes"), /, 3 dead calls are left: it is pending\n/);
    assert.match(
      await succeeds(file, "skip", "1", "--call", "2", "--yes"),
      /, 2 dead calls are left: it is a dead letter\n/,
    );
  });
});

test("commands about dead calls refuse wrong usage with exit code 2", async () => {
  await withInboxFile(async (file) => {
    const usage: [RegExp, ...string[]][] = [
      [/'0' is invalid\. It should be the number of a dead call, from 1/, "replay", "1", "--call", "0"],
      [/'1,x' is invalid\. It should be the number of a dead call, from 1/, "skip", "1", "--call", "1,x"],
      [/replay is given --call with 2 ids, but should be given one id/, "replay", "1", "2", "--call", "1"],
      [/skip is given --call with no id, but should be given one id/, "skip", "--state", "dead", "--call", "1"],
      [/inbox skip needs ids or a filter, e\.g\. --state dead --sheet ID/, "skip", "--yes"],
      [/skip is given ids and filters: it should be one of them/, "skip", "1", "--sheet", "11"],
      [/skip is given --state done, but should be some of dead, pending/, "skip", "--state", "done"],
      [/discard is given ids and filters: it should be one of them/, "discard", "1", "--error", BUSY],
      [
        /--state is pending, but should be dead: --error is for dead letters/,
        "skip",
        "--state",
        "pending",
        "--error",
        BUSY,
      ],
      [
        /--state is done, but should be dead: --error is for dead letters/,
        "list",
        "--state",
        "dead,done",
        "--error",
        BUSY,
      ],
      [/--state is pending, but should be dead: --by error is for/, "list", "--state", "pending", "--by", "error"],
      [/'colour' is invalid\. It should be error\./, "list", "--by", "colour"],
      [/'--error <text>' argument ' ' is invalid\. It should not be blank/, "replay", "--error", " "],
      [/unknown option '--call'/, "discard", "1", "--call", "1"],
      [/unknown option '--dry-run'/, "skip", "1", "--dry-run"],
    ];
    for (const [message, ...args] of usage) await fails(file, 2, message, ...args);
    const { code, stderr } = await runInbox(file, ["list", "--by", "error"], { SHEETHOOK_INBOX_STATE: "done" });
    assert.equal(code, 2);
    assert.match(stderr, /^sheethook: SHEETHOOK_INBOX_STATE is done, but should be dead/);
  });
});
