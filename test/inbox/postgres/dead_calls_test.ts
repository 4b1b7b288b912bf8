import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import pg from "pg";
import type { EndedCall, Outcome } from "../../../src/inbox/inbox.ts";
import { postgresInbox } from "../../../src/inbox/postgres.ts";
import { acceptedCallback } from "../../support/callbacks.ts";
import { openPostgres } from "../../support/postgres.ts";

const SCHEMA_2 = new URL("../../fixtures/postgres_schema_2.sql", import.meta.url);
const HOUR = 3_600_000;
const position = (event: number) => ({ event, handler: 0, fingerprint: "f" });
const died = (event: number, error?: string, handler = "row.* save#1"): EndedCall => ({
  ...{ call: position(event), handler, attempt: 1, error },
});
const dead = (...ended: EndedCall[]): Outcome => ({ kind: "dead", error: "E", ended });

let server: Awaited<ReturnType<typeof openPostgres>>;
let client: pg.Client;
before(async () => {
  server = await openPostgres();
  client = new pg.Client(server.url);
  await client.connect();
});
after(async () => {
  await client.end();
  await server.end();
});

async function withInbox(
  schema: string,
  now: number,
  use: (inbox: ReturnType<typeof postgresInbox>) => Promise<void>,
): Promise<void> {
  const inbox = postgresInbox(server.url, { schema, now: () => now, random: () => 0.5 });
  try {
    await use(inbox);
  } finally {
    await inbox.close();
  }
}

/** Takes the only callback that is due, and ends it. */
async function work(inbox: ReturnType<typeof postgresInbox>, outcome: Outcome) {
  const [lease] = await inbox.lease(1, HOUR);
  const taken = (await inbox.take(lease!))!;
  await inbox.finish(lease!, taken, outcome);
  await inbox.release(lease!);
  return taken;
}

const put = (inbox: ReturnType<typeof postgresInbox>) => inbox.put(acceptedCallback({ scopeObjectId: 1 }));

async function countOf(table: string): Promise<number> {
  return (await client.query(`select count(*)::integer as count from ${table}`)).rows[0].count;
}

test("postgresInbox() brings a schema without dead calls up to date, and goes on with all that is in it", async () => {
  await client.query(readFileSync(SCHEMA_2, "utf8"));
  await withInbox("former", 2000, async (inbox) => {
    assert.deepEqual(await inbox.deadErrors(), [{ error: "Error: busy …", callbacks: 2, calls: 0, last: 3 }]);
    assert.deepEqual(await inbox.find({ error: "Error: busy …" }), [3, 2]);
    assert.deepEqual(await inbox.find({ error: "Error: no" }), []);
    const { deadCalls, failures, steps, attempts } = (await inbox.show(2))!;
    assert.deepEqual([deadCalls, steps, attempts], [[], ["1/0/mail"], 15]);
    assert.deepEqual(failures.map(({ attempt, call }) => [attempt, call]), [[15, undefined]]);
    assert.deepEqual(await inbox.skip([2]), [{ id: 2, outcome: "unchanged", state: "dead", calls: 0 }]);
    assert.deepEqual(await inbox.replay([2], { error: "Error: busy …" }), [
      { id: 2, outcome: "unchanged", state: "dead", calls: 0 },
    ]);
    assert.deepEqual(await inbox.replay([2]), [{ id: 2, outcome: "changed", state: "dead", calls: 0 }]);
    const replayed = await work(inbox, { kind: "done" });
    assert.deepEqual([replayed.attempt, replayed.position, replayed.deadCalls], [1, position(1), []]);
    assert.deepEqual([...replayed.steps], [["1/0/mail", '"sent"']]);

    // A process of the version before goes on with its lease.
    const token = { lane: 5, token: "token" };
    assert.deepEqual(await inbox.renew([token], 1000), []);
    const running = { id: 5, attempt: 1, deadCalls: [], steps: new Map(), unfinished: 0, position: undefined };
    await inbox.finish(token, { ...running, callback: (await inbox.show(5))! }, { kind: "done" });
    assert.equal((await inbox.show(5))!.attempts, 1);
  });
  await withInbox("former", 3000, async (inbox) => {
    const next = await work(inbox, dead(died(2, "Error: no")));
    assert.deepEqual([next.id, next.attempt, next.position], [4, 3, position(2)]);
    const { failures } = (await inbox.show(4))!;
    assert.deepEqual(failures.map(({ attempt, call, error }) => [attempt, call?.event, error]), [
      [1, undefined, "Error: first"],
      [2, undefined, "Error: no"],
      [1, 2, "Error: no"],
    ]);
    assert.deepEqual((await inbox.overview()).totals, { done: 3, dead: 3 });
    assert.equal(await inbox.prune(["done", "dead"], 1e13), 5);
    for (const table of ["callbacks", "failures", "errors", "dead_calls"]) {
      assert.equal(await countOf(`former.${table}`), 0, table);
    }
  });
});

test("a failed attempt keeps what it recorded when the inbox is asked twice, as after a lost answer", async () => {
  await withInbox("twice", HOUR, async (inbox) => {
    await put(inbox);
    const [lease] = await inbox.lease(1, HOUR);
    const taken = (await inbox.take(lease!))!;
    const failed = { kind: "failed", error: "E", retryAfterMs: HOUR, position: position(1), attempt: 1 } as const;
    for (let count = 0; count < 2; count++) {
      await inbox.finish(lease!, taken, { ...failed, ended: [died(0, "E0")] });
    }
    const { deadCalls, failures, attempts } = (await inbox.show(taken.id))!;
    assert.deepEqual([deadCalls.length, attempts], [1, 1]);
    assert.deepEqual(failures.map(({ error }) => error), ["E0", "E"]);
    assert.equal((await inbox.skip([taken.id]))[0]!.calls, 1);
    assert.deepEqual((await inbox.show(taken.id))!.deadCalls.map(({ state }) => state), ["skipped"]);
  });
});

test("who has lost the lease records no dead call", async () => {
  await withInbox("lost", HOUR, async (inbox) => {
    await put(inbox);
    const [lease] = await inbox.lease(1, HOUR);
    const taken = (await inbox.take(lease!))!;
    const stale = { ...lease!, token: "another" };
    const ended = [died(0, "E")];
    await assert.rejects(inbox.saveProgress(stale, taken, { position: position(1), ended }), { code: "lease_lost" });
    await assert.rejects(inbox.finish(stale, taken, dead(...ended)), { code: "lease_lost" });
    assert.deepEqual((await inbox.show(taken.id))!.deadCalls, []);
    assert.equal(await countOf("lost.errors"), 0);
  });
});

test("names and errors that Postgres can't hold are kept: names as they are", async () => {
  await withInbox("odd", HOUR, async (inbox) => {
    await put(inbox);
    const odd = "a\0b\uD800c";
    const long = "row.*,".repeat(3000);
    const call = { ...position(0), fingerprint: odd };
    await work(inbox, dead({ ...died(0, `${odd} E`, odd), call }, died(1, "x".repeat(4000), long)));
    const { error } = (await inbox.deadErrors())[0]!;
    const [id] = await inbox.find({ error });
    assert.deepEqual((await inbox.replay([id!], { error: `${odd} E` }))[0]!.calls, 1);
    const { deadCalls } = await work(inbox, dead(died(1, "E", odd)));
    assert.deepEqual(deadCalls.map(({ call, handler }) => [call, handler]), [[call, odd], [position(1), long]]);
  });
});

test("errors that no dead call has any more are forgotten with the end of a replay", async () => {
  await withInbox("replayed", HOUR, async (inbox) => {
    await put(inbox);
    const { id } = await work(inbox, dead(died(0, "E 1"), died(1, "E 2"), died(2, "E 2")));
    assert.equal(await countOf("replayed.errors"), 2);
    await inbox.replay([id], { calls: [1, 2] });
    await work(inbox, dead(died(0, "E 3"), died(1)));
    const { deadCalls } = (await inbox.show(id))!;
    assert.deepEqual(deadCalls.map(({ number, error }) => [number, error]), [[1, "E 3"], [3, "E 2"]]);
    assert.equal(await countOf("replayed.errors"), 2);
    assert.equal((await inbox.overview()).deadCalls, 2);
  });
});

test("a callback that fails again and again takes no more and more room", async () => {
  await withInbox("failing", HOUR, async (inbox) => {
    await put(inbox);
    const [lease] = await inbox.lease(1, HOUR);
    let taken = await inbox.take(lease!);
    const failed = { kind: "failed", error: "E", retryAfterMs: 0, position: position(1), attempt: 1 } as const;
    for (let count = 0; count < 150; count++) taken = await inbox.finish(lease!, taken!, failed, { next: true });
    assert.ok(await countOf("failing.failures") < 120);
    const many = Array.from({ length: 150 }, (_, event) => died(event, `E${event}`));
    await inbox.saveProgress(lease!, taken!, { position: position(150), ended: many });
    assert.equal(await countOf("failing.failures"), 100);
    const { failures } = (await inbox.show(taken!.id))!;
    assert.deepEqual([failures[0]!.error, failures.at(-1)!.error], ["E50", "E149"]);
  });
});

test("what is deleted leaves no dead call behind, however it is deleted", async () => {
  await withInbox("deleted", HOUR, async (inbox) => {
    for (const outcome of [{ kind: "dropped" }, dead(died(1, "E"))] as const) {
      await put(inbox);
      const [lease] = await inbox.lease(1, HOUR);
      const taken = (await inbox.take(lease!))!;
      await inbox.saveProgress(lease!, taken, { position: position(1), ended: [died(0, "E")] });
      await inbox.finish(lease!, taken, outcome);
      await inbox.release(lease!);
      if (outcome.kind === "dead") await inbox.prune(["dead"], 1e13);
      assert.deepEqual([await countOf("deleted.dead_calls"), await countOf("deleted.errors")], [0, 0], outcome.kind);
    }
  });
});
