import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import { ageText } from "../../../src/cli/terminal/time_text.ts";
import { callbackText } from "../../../src/cli/inbox/callback_text.ts";
import { inChunks } from "../../../src/cli/inbox/in_chunks.ts";
import { confirm } from "../../../src/cli/terminal/confirm.ts";
import { createProgress } from "../../../src/cli/terminal/progress.ts";
import { time } from "../../../src/cli/inbox/filter.ts";
import type { StoredCallback } from "../../../src/inbox/inspect.ts";
import type { Outcome } from "../../../src/inbox/inbox.ts";
import { sqliteInbox } from "../../../src/inbox/sqlite.ts";
import { signBody } from "../../../src/receive/signature.ts";
import { acceptedCallback, callbackBody, rowEvent, SECRET } from "../../support/callbacks.ts";
import { runCli, startServe, withFolder } from "../../support/run_cli.ts";
import { fails, runInbox, succeeds } from "../../support/run_inbox.ts";
import { until } from "../../support/until.ts";

const DAY = 86_400_000;
/** Too long to be a part of a time, of which three digits may be anything. */
const ROW_ID = 3344556677889900;
const TRACE_ID = "0af7651916cd43dd8448eb211c80319c";

/** Callbacks 1, dead; 2, held up by a failure; 3, done; 4, pending behind 2; of 10 days ago. */
async function fillInbox(file: string): Promise<void> {
  const then = Date.now() - 10 * DAY;
  const inbox = sqliteInbox(file, { now: () => then });
  const position = { event: 0, handler: 0, fingerprint: "f" };
  for (const [id, sheet] of [[1, 11], [2, 12], [3, 13], [4, 12]] as const) {
    const body = callbackBody({ events: [rowEvent(ROW_ID), rowEvent(ROW_ID + 1)] });
    await inbox.put(
      acceptedCallback({
        nonce: `n${id}`,
        timestamp: `t${id}`,
        scopeObjectId: sheet,
        acceptedAt: then + id,
        traceparent: id === 1 ? `00-${TRACE_ID}-b7ad6b7169203331-01` : undefined,
      }, body),
    );
  }
  const outcomes: Outcome[] = [
    { kind: "dead", error: "Error: no such row\n    at somewhere\nCaused by: Error: gone", position },
    { kind: "failed", error: "Error: busy", retryAfterMs: 20 * DAY, position },
    { kind: "done" },
  ];
  const leases = await inbox.lease(3, 1000);
  for (const [index, lease] of leases.entries()) {
    const work = await inbox.take(lease);
    if (work!.id === 1) await inbox.saveStep(lease, work!, 'f/0/0/"order"', "1");
    await inbox.finish(lease, work!, outcomes[work!.id - 1]!);
    await inbox.release(leases[index]!);
  }
  await inbox.close();
}

const withInboxFile = (use: (file: string) => Promise<void>) =>
  withFolder(async (folder) => {
    const file = join(folder, "inbox.db");
    await fillInbox(file);
    await use(file);
  });

test("inbox stats tells what is where and what is held up, for people and for programs", async () => {
  await withInboxFile(async (file) => {
    const text = await succeeds(file, "stats");
    assert.match(text, /^pending +2 in 1 sheet, the oldest accepted 10d ago\ndone +1 kept\ndiscarded +0 kept\ndead +1/);
    assert.match(text, /blocked .*: 1 sheet\n +sheet 12: callback 2 for 10d, 1 attempt, next in .*: Error: busy\n$/);
    const json = JSON.parse(await succeeds(file, "stats", "--json"));
    assert.deepEqual([json.pending, json.dead, json.totals, json.longestHeld[0].lane], [
      2,
      1,
      { done: 1, dead: 1 },
      12,
    ]);
  });
});

test("inbox list shows ids, newest first, filtered, and nothing of what came but counts", async () => {
  await withInboxFile(async (file) => {
    const lines = (await succeeds(file, "list")).trimEnd().split("\n");
    assert.match(lines[0]!, /^id +state +accepted +sheet +webhook +attempts +events +error$/);
    assert.deepEqual(lines.slice(1).map((line) => line.split(/ +/).slice(0, 2)), [
      ["4", "pending"],
      ["3", "done"],
      ["2", "pending"],
      ["1", "dead"],
    ]);
    assert.match(lines[4]!, / 11 +\d+ +1 +2 +Error: no such row$/);
    assert.doesNotMatch(lines.join(), new RegExp(`${ROW_ID}|somewhere`));

    const ids = async (...args: string[]) =>
      (await succeeds(file, "list", "--json", ...args)).trim().split("\n").filter(Boolean).map((line) =>
        JSON.parse(line).id
      );
    assert.deepEqual(await ids("--state", "dead,done"), [3, 1]);
    assert.equal(JSON.parse(await succeeds(file, "list", "--json", "--state", "dead")).error, "Error: no such row");
    assert.deepEqual(await ids("--sheet", "12", "--limit", "1"), [4]);
    assert.deepEqual(await ids("--webhook", "5"), []);
    assert.deepEqual(await ids("--since", "11d", "--until", "9d"), [4, 3, 2, 1]);
    assert.deepEqual(await ids("--since", "9d"), []);
    assert.deepEqual(await runInbox(file, ["list", "--since", "1h"]), {
      code: 0,
      stdout: "",
      stderr: "no callback matches\n",
    });
  });
});

test("inbox show tells everything; what came, only with --body", async () => {
  await withInboxFile(async (file) => {
    const text = await succeeds(file, "show", "1");
    const parts = [
      ...[
        /^callback +1\nstate +dead\n/,
        /nonce +n1/,
        new RegExp(`\ntrace +${TRACE_ID}\n`),
        /events +2: 2 × row\.updated/,
      ],
      ...[
        /failed at +event 1 of 2 \(row\.updated\), handler 1\n/,
        /steps done +order\n/,
        /error +Error: no such row\n/,
      ],
      /\n\nattempt 1 failed at event 1 of 2 \(row\.updated\), handler 1, \S+Z to \S+Z\n {2}Error: no such row\n {6}at somewhere\n {2}Caused by: Error: gone\n$/,
    ];
    for (const part of parts) assert.match(text, part);
    assert.doesNotMatch(text, new RegExp(String(ROW_ID)));
    assert.match(await succeeds(file, "show", "1", "--body"), new RegExp(`"id": ${ROW_ID}`));
    const json = JSON.parse(await succeeds(file, "show", "1", "--json"));
    assert.deepEqual([json.state, json.patterns, json.body], ["dead", { "row.updated": 2 }, undefined]);
    assert.deepEqual([json.position.event, json.position.handler, json.traceId], [1, 1, TRACE_ID]);
    assert.match(json.failures[0].error, /no such row\n {4}at somewhere\nCaused by/);
    const { body } = JSON.parse(await succeeds(file, "show", "1", "--json", "--body"));
    assert.equal(JSON.parse(body).events[0].id, ROW_ID);
    await fails(file, 1, /There is no callback 5 in the inbox/, "show", "5");
  });
});

test("inbox replay takes ids or filters, refuses what is pending or unknown, and does the rest", async () => {
  await withInboxFile(async (file) => {
    const { code, stdout, stderr } = await runInbox(file, ["replay", "5", "4", "3"]);
    assert.deepEqual([code, stdout], [1, "1 callback replayed\n"]);
    assert.match(
      stderr,
      /Callback 4 wasn't touched by replay: it is pending, so it runs anyway\n.*Callback 5 .*no such/,
    );
    assert.equal(await succeeds(file, "replay", "--state", "dead", "--sheet", "12"), "0 callbacks replayed\n");
    const line = JSON.parse(await succeeds(file, "replay", "--state", "dead", "--sheet", "11", "--json"));
    assert.deepEqual(line, { id: 1, outcome: "changed", state: "dead", calls: 0 });
    assert.equal(JSON.parse(await succeeds(file, "stats", "--json")).pending, 4);
  });
});

test("an environment chooses nothing, and says yes to nothing", async () => {
  await withInboxFile(async (file) => {
    const env = {
      ...{
        SHEETHOOK_YES: "1",
        SHEETHOOK_INBOX_STATE: "dead",
        SHEETHOOK_INBOX_SHEET: "11",
        SHEETHOOK_INBOX_WEBHOOK: "1",
      },
      ...{ SHEETHOOK_INBOX_SINCE: "30d", SHEETHOOK_INBOX_UNTIL: "1h", SHEETHOOK_INBOX_DEAD: "1" },
      ...{ SHEETHOOK_INBOX_ERROR: "Error: no such row", SHEETHOOK_INBOX_CALL: "1" },
    };
    for (const name of ["discard", "replay", "skip"]) {
      const { code, stderr } = await runInbox(file, [name], env);
      assert.equal(code, 2);
      assert.match(stderr, new RegExp(`^sheethook: inbox ${name} needs ids or a filter`));
    }
    const asked = await runInbox(file, ["discard", "1"], env);
    assert.equal(asked.code, 2);
    assert.match(asked.stderr, /Nobody can be asked here: it should be called with --yes/);
    const pruned = await runInbox(file, ["prune", "--older-than", "2d"], env);
    assert.deepEqual([pruned.code, pruned.stdout], [0, "1 pruned\n"]);
    // What only looks may be told by it.
    const { stdout } = await runInbox(file, ["list"], { SHEETHOOK_INBOX_STATE: "dead" });
    assert.match(stdout, /^.*\n1 .*\n$/);
  });
});

test("inbox discard asks, and lets go on what was held up", async () => {
  await withInboxFile(async (file) => {
    await fails(file, 2, /Discard 2 callbacks\? .*Nobody can be asked here: it should be called with --yes/, ...[
      "discard",
      "--state",
      "pending",
    ]);
    assert.equal(await succeeds(file, "discard", "2", "--yes"), "1 callback discarded\n");
    assert.equal(JSON.parse(await succeeds(file, "stats", "--json")).heldLanes, 0);
    await fails(file, 1, /Callback 3 wasn't touched by discard: it is done, but should be dead or pending/, ...[
      "discard",
      "3",
      "--yes",
    ]);
  });
});

test("inbox prune deletes what ended long ago, dead ones only if told and asked", async () => {
  await withInboxFile(async (file) => {
    assert.equal(await succeeds(file, "prune", "--older-than", "11d"), "0 pruned\n");
    assert.equal(await succeeds(file, "prune"), "1 pruned\n");
    await fails(file, 2, /Delete dead callbacks, too\? .*--yes/, "prune", "--dead");
    assert.deepEqual(JSON.parse(await succeeds(file, "prune", "--dead", "--yes", "--json")), { pruned: 1 });
    assert.match(await succeeds(file, "list"), /^id.*\n4 .*\n2 .*\n$/);
  });
});

test("inbox commands fail for what is no inbox, and make none", async () => {
  await withFolder(async (folder) => {
    const missing = join(folder, "missing.db");
    await fails(missing, 1, /missing\.db" isn't there: --inbox should be the file that serve uses/, "stats");
    assert.equal(existsSync(missing), false);
    const tooLong = join(folder, "x".repeat(300));
    await fails(tooLong, 1, /Inbox .*x" can't be read \(ENAMETOOLONG\): --inbox should be/, "stats");
    const empty = join(folder, "empty.db");
    await writeFile(empty, "");
    await fails(empty, 1, /is an empty file/, "stats");
    const other = join(folder, "other.db");
    const database = new DatabaseSync(other);
    database.exec("create table t (a)");
    database.close();
    await fails(other, 1, /is a database, but no inbox/, "stats");
    const text = join(folder, "text.db");
    await writeFile(text, "no database".repeat(100));
    await fails(text, 1, /can't be used: .*not a database/, "stats");
  });
});

test("inbox commands refuse wrong usage with exit code 2", async () => {
  await withInboxFile(async (file) => {
    const usage: [RegExp, ...string[]][] = [
      [/--inbox is memory:, which only its own process can see/, "stats", "--inbox", "memory:"],
      [
        /^(?!.*hidden).*sslmode is "maybe", but should be one of disable, /,
        "stats",
        "--inbox",
        "postgres://u:hidden@h?sslmode=maybe",
      ],
      [/one of pending, done, discarded, dead/, "list", "--state", "dead,gone"],
      [/such as 2026-01-31T08:00Z, or how long ago, such as 2h/, "list", "--since", "yesterday"],
      [/the number of a callback/, "show", "0"],
      [/SHEETHOOK_INBOX is sqlite:, but should be postgres:\/\//, "copy", `sqlite:${file}`],
      [/<from> is postgres:, but should be sqlite:FILE/, "copy", "postgres://h/d", "postgres://h/d"],
      [/\[to\] is an unknown inbox URL/, "copy", `sqlite:${file}`, "nowhere"],
      [/inbox replay needs ids or a filter, e\.g\. --state dead --sheet ID/, "replay"],
      [/is given ids and filters: it should be one of them/, "replay", "1", "--state", "dead"],
      [/is given filters without --state/, "discard", "--sheet", "1", "--yes"],
      [/--state pending, but should be some of dead, done, discarded/, "replay", "--state", "pending"],
      [/a duration from 2d to 3650d/, "prune", "--older-than", "1d"],
      [/^sheethook: unknown command 'drop'/, "drop"],
    ];
    for (const [message, ...args] of usage) await fails(file, 2, message, ...args);
  });
});

test("inbox copy says what it needs, if no target is named", async () => {
  await withFolder(async (folder) => {
    const { code, stderr } = await runCli(["inbox", "copy", `sqlite:${join(folder, "inbox.db")}`], {
      env: { SHEETHOOK_INBOX: "" },
    });
    assert.equal(code, 2, stderr);
    assert.match(
      stderr,
      /^sheethook: inbox copy needs the inbox to copy to: give postgres:\/\/\.\.\. as a second argument, or in SHEETHOOK_INBOX\n$/,
    );
  });
});

test("a running serve works what is replayed by another process", async () => {
  await withFolder(async (folder) => {
    const module = join(folder, "handlers.mjs");
    const broken = join(folder, "broken");
    await writeFile(broken, "");
    await writeFile(
      module,
      `import { appendFileSync, existsSync } from "node:fs";
      export default (receiver) => receiver.on("row.updated", async (event, context) => {
        await context.step("once", () => appendFileSync(${
        JSON.stringify(join(folder, "steps.txt"))
      }, event.id + "\\n"));
        if (existsSync(${JSON.stringify(broken)})) throw new Error("it is broken");
        appendFileSync(${JSON.stringify(join(folder, "worked.txt"))}, event.id + "\\n");
      });`,
    );
    const file = join(folder, "inbox.db");
    const args = [module, "--inbox", `sqlite:${file}`, "--attempts", "1", "--log-level", "error"];
    const serve = await startServe(args, {
      env: { SHEETHOOK_SECRET: SECRET, SHEETHOOK_SECRETS_FILE: join(folder, "secrets.json") },
      reads: [folder],
      writes: [folder],
    });
    const read = (name: string) => readFile(join(folder, name), "utf8").catch(() => "");
    try {
      const body = callbackBody({ events: [rowEvent(1), rowEvent(2)] });
      const headers = { "Smartsheet-Hmac-SHA256": await signBody(body, SECRET) };
      assert.equal((await fetch(serve.url, { method: "POST", body, headers })).status, 200);
      await until("it is a dead letter", async () => JSON.parse(await succeeds(file, "stats", "--json")).dead === 1);
      assert.match(await succeeds(file, "show", "1"), /error +Error: it is broken/);
      await rm(broken);
      assert.equal(await succeeds(file, "replay", "--state", "dead"), "1 callback replayed: 2 dead calls\n");
      await until("it is processed", async () => await read("worked.txt") === "1\n2\n");
      // The step of the attempt that failed isn't run again.
      assert.equal(await read("steps.txt"), "1\n2\n");
      await until("it is gone", async () => await succeeds(file, "list", "--state", "dead,pending", "--json") === "");
    } finally {
      await serve.stop();
    }
  });
});

test("inbox show tells an error that comes again once", () => {
  const failure = (attempt: number, error: string) => ({ attempt, call: undefined, beganAt: 0, endedAt: 1, error });
  const row: StoredCallback = {
    ...acceptedCallback({}, callbackBody()),
    ...{ id: 1, state: "pending", isRunning: false, attempts: 3, unfinished: 0, steps: [] },
    deadCalls: [],
    position: { event: "all", handler: 1, fingerprint: "f" },
    ...{ error: "E: b", failedAt: 0, attemptedAt: 0, retryAt: 5, endedAt: undefined },
    failures: [failure(1, "E: a\n    at x"), failure(2, "E: a\n    at x"), failure(3, "E: b")],
  };
  const text = callbackText(row, false);
  assert.equal(text.match(/at x/g)?.length, 1);
  assert.match(text, /resumes at +onCallback, handler 2\n/);
  assert.match(text, /attempt 2 failed, \S+ to \S+: the same error\n\nattempt 3 failed, \S+ to \S+\n {2}E: b$/);
});

test("confirm() asks a person, and takes yes only for yes", async () => {
  const ask = async (typed: string) => {
    const input = Object.assign(new PassThrough(), { isTTY: true });
    const output = new PassThrough();
    const asked = confirm("Delete?", false, { input, output });
    input.end(typed);
    await asked;
    return String(output.read());
  };
  assert.match(await ask("y\n"), /Delete\? \[y\/N\] /);
  await ask(" YES\n");
  for (const typed of ["n\n", "\n", "", "yesterday\n"]) await assert.rejects(ask(typed), /Nothing was changed/);
  await confirm("Delete?", true);
});

test("inChunks() tells how far it has come, until the last one", async () => {
  const told: string[] = [];
  let done = 0;
  await inChunks(
    async () => ({ text: `${++done} of 3`, isLast: done === 3 }),
    createProgress((text) => told.push(text), 0),
  );
  assert.deepEqual(told, ["1 of 3", "2 of 3"]);
});

test("time() reads ISO 8601, as UTC unless it says otherwise, and how long ago", () => {
  assert.equal(time("2026-01-31"), Date.UTC(2026, 0, 31));
  assert.equal(time("2026-01-31T08:30"), Date.UTC(2026, 0, 31, 8, 30));
  assert.equal(time("2026-01-31T08:30:05.250+02:00"), Date.UTC(2026, 0, 31, 6, 30, 5, 250));
  const before = Date.now() - 7_200_000;
  assert.ok(time("2h") >= before && time("2h") <= Date.now() - 7_200_000);
  for (const text of ["2026", "31.1.2026", "2026-13-01", "2026-01-31 08:00", "-2h"]) {
    assert.throws(() => time(text), text);
  }
});

test("what people are shown is short, and can't steer their terminal", () => {
  const ages = { 0: "0s", 59_400: "59s", 61_000: "1m1s", 3_600_000: "1h", 90_061_000: "1d1h" };
  for (const [ms, text] of Object.entries(ages)) assert.equal(ageText(Number(ms)), text);
  const row: StoredCallback = {
    ...acceptedCallback(
      { nonce: "a\x1b[2Jb" },
      callbackBody({ events: [rowEvent(1, { objectType: "\x1b\u009b\u202e" })] }),
    ),
    id: 1,
    state: "dead",
    isRunning: false,
    attempts: 1,
    unfinished: 0,
    position: undefined,
    deadCalls: [{
      ...{ number: 1, call: { event: 0, handler: 0, fingerprint: "" }, handler: "\x1b[2J#1", state: "dead" },
      ...{ attempts: 1, diedAt: 0, error: "\x1b[2J\n\t\u202e" },
    }],
    steps: ["\x1b"],
    error: "\x1b]0;x\x07",
    failedAt: undefined,
    attemptedAt: undefined,
    failures: [],
    retryAt: undefined,
    endedAt: undefined,
  };
  const text = callbackText(row, true);
  assert.doesNotMatch(text, /(?!\n)[\p{Cc}\p{Cf}]/u);
  assert.match(text, /"objectType": "\\u001b\\u009b\\u202e"/);
});
