// Two targets, each with its own place: what holds one up doesn't hold up the other, and nothing is lost.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { addForwarding, type ForwardingOptions } from "../../src/forward/forward.ts";
import type { Inbox } from "../../src/inbox/inbox.ts";
import type { InspectableInbox } from "../../src/inbox/inspect.ts";
import { memoryInbox } from "../../src/inbox/memory.ts";
import { postgresInbox } from "../../src/inbox/postgres.ts";
import { sqliteInbox } from "../../src/inbox/sqlite.ts";
import { createReceiver, type Receiver, type ReceiverOptions } from "../../src/receiver.ts";
import { callbackBody, createLog, rowEvent, SECRET, SHEET_ID, signedRequest } from "../support/callbacks.ts";
import { withMirrored } from "../support/mirrored.ts";
import { openPostgres } from "../support/postgres.ts";
import { until } from "../support/until.ts";

type FullInbox = Inbox & InspectableInbox;

const ONE = "https://one.example.com/hook";
const TWO = "https://two.example.com/hook";
const HOUR_MS = 3_600_000;

// deno-lint-ignore no-explicit-any
type Any = any;

/** A message that a target got. */
interface Got {
  readonly target: string;
  readonly id: string;
  readonly changeAgent: string;
  readonly body: Any;
}

interface World {
  readonly receiver: Receiver;
  readonly inbox: FullInbox;
  readonly got: Got[];
  /** How long the failed attempts were to wait together, in milliseconds. */
  readonly waited: { ms: number };
  /** What a target has answered 2xx to: the nonces. */
  taken(target: string): string[];
  /** Accepts a callback of that nonce. */
  send(nonce: string, attributes?: Record<string, unknown>): Promise<void>;
}

/** Waits of failed attempts take no time, but are added up. */
function impatient(inbox: FullInbox, waited: { ms: number }): FullInbox {
  return {
    ...inbox,
    finish(lease, work, outcome, options) {
      if (outcome.kind !== "failed") return inbox.finish(lease, work, outcome, options);
      waited.ms += outcome.retryAfterMs;
      return inbox.finish(lease, work, { ...outcome, retryAfterMs: 1 }, options);
    },
  };
}

let seconds = 0;

async function withWorld(
  opened: FullInbox,
  { urls = [ONE, TWO], statusOf, receiver: given, ...options }: ForwardingOptions & {
    readonly urls?: readonly string[];
    readonly statusOf: (got: Got) => number;
    readonly receiver?: Partial<ReceiverOptions>;
  },
  use: (world: World) => Promise<void>,
): Promise<void> {
  const waited = { ms: 0 };
  const inbox = impatient(opened, waited);
  const receiver = createReceiver({ secrets: SECRET, logger: createLog(), inbox, ...given });
  const got: Got[] = [];
  const taken: Got[] = [];
  addForwarding(receiver, urls, {
    inbox,
    fetch: async (url, init = {}) => {
      const headers = new Headers(init.headers);
      const [id, changeAgent] = [headers.get("webhook-id")!, headers.get("smartsheet-change-agent")!];
      const one: Got = { target: String(url), id, changeAgent, body: JSON.parse(String(init.body)) };
      got.push(one);
      const status = statusOf(one);
      if (status < 300) taken.push(one);
      return new Response(null, { status });
    },
    ...options,
  });
  await receiver.start();
  try {
    await use({
      receiver,
      inbox,
      got,
      waited,
      taken: (target) => taken.filter((one) => one.target === target).map(({ id }) => id.split("/")[1]!),
      async send(nonce, attributes) {
        const timestamp = new Date(1.7e12 + ++seconds * 1000).toISOString();
        const answer = await receiver.fetch(await signedRequest(callbackBody({ nonce, timestamp, ...attributes })));
        assert.equal(answer.status, 200);
      },
    });
  } finally {
    await receiver.stop();
    await inbox.close();
  }
}

const settled = async (inbox: FullInbox) => (await inbox.overview()).pending === 0;

function targetsSuite(name: string, open: () => FullInbox | Promise<FullInbox>): void {
  describe(name, () => {
    test("a target that is down for an hour holds up itself alone, and then gets everything in order", async () => {
      let isDown = true;
      const statusOf = ({ target }: Got) => target === ONE && isDown ? 500 : 204;
      await withWorld(await open(), { statusOf }, async ({ inbox, waited, taken, send }) => {
        for (const nonce of ["a", "b", "c"]) await send(nonce);
        await until("an hour of waits is over", () => waited.ms > HOUR_MS);
        await until("the other target has all", () => taken(TWO).length === 3);
        assert.deepEqual([taken(ONE), taken(TWO)], [[], ["a", "b", "c"]]);
        isDown = false;
        await until("nothing is pending", () => settled(inbox));
        assert.deepEqual([taken(ONE), taken(TWO)], [["a", "b", "c"], ["a", "b", "c"]]);
        assert.equal((await inbox.overview()).dead, 0);
      });
    });

    test("a target that never works ends as a dead letter of its own, which can be replayed", async () => {
      let isBroken = true;
      const statusOf = ({ target }: Got) => target === ONE && isBroken ? 500 : 204;
      await withWorld(await open(), { statusOf, receiver: { attempts: 3 } }, async ({ inbox, got, taken, send }) => {
        await send("a");
        await until("nothing is pending", () => settled(inbox));
        const dead = await inbox.find({ states: ["dead"] });
        assert.equal(dead.length, 1);
        const { deadCalls: [call], nonce, body } = (await inbox.show(dead[0]!))!;
        assert.equal(nonce, "a");
        assert.match(call!.error, /^Error: https:\/\/one\.example\.com\/hook answered 500\n/);
        assert.equal(JSON.parse(body).scopeObjectId, SHEET_ID);
        isBroken = false;
        await inbox.replay(dead);
        await until("nothing is pending", () => settled(inbox));
        assert.deepEqual([taken(ONE), taken(TWO)], [["a"], ["a"]]);
        assert.equal(new Set(got.map(({ id }) => id)).size, 1);
        assert.deepEqual(await inbox.find({ states: ["dead"] }), []);
      });
    });

    test("a callback that is replayed goes to every target again, under the same id", async () => {
      await withWorld(await open(), { statusOf: () => 204 }, async ({ inbox, got, taken, send }) => {
        await send("a");
        await until("nothing is pending", () => settled(inbox));
        const [first] = (await inbox.find({})).slice(-1);
        await inbox.replay([first!]);
        await until("nothing is pending", () => settled(inbox));
        assert.deepEqual([taken(ONE), taken(TWO)], [["a", "a"], ["a", "a"]]);
        assert.equal(new Set(got.map(({ id }) => id)).size, 1);
      });
    });

    test("what was relayed is stored once, even if the inbox answers too late", async () => {
      const opened = await open();
      let puts = 0;
      const inbox: FullInbox = {
        ...opened,
        async put(callback) {
          const outcome = await opened.put(callback);
          // The one that Smartsheet sent goes in first.
          if (++puts === 2) throw new Error("the connection is lost");
          return outcome;
        },
      };
      await withWorld(inbox, { statusOf: () => 204 }, async ({ inbox, taken, send }) => {
        await send("a");
        await until("nothing is pending", () => settled(inbox));
        assert.ok(puts > 3);
        assert.deepEqual([taken(ONE), taken(TWO)], [["a"], ["a"]]);
      });
    });
  });
}

targetsSuite("targets with an inbox in memory", () => memoryInbox());

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "sheethook-targets-"));
});
after(() => rm(folder, { recursive: true }));
let files = 0;
targetsSuite("targets with an inbox in SQLite", () => sqliteInbox(join(folder, `${++files}.db`)));

let server: Awaited<ReturnType<typeof openPostgres>>;
before(async () => {
  server = await openPostgres();
});
after(() => server.end());
let schemas = 0;
targetsSuite("targets with an inbox in Postgres", () => postgresInbox(server.url, { schema: `s${++schemas}` }));

test("each target gets what one alone would get: events without own changes, the ids, the change agent", async () => {
  const events = [rowEvent(1, { changeAgent: "erp" }), rowEvent(2, { changeAgent: "sheethook" }), rowEvent(3)];
  const both: unknown[] = [];
  for (const as of ["callbacks", "events"] as const) {
    for (const urls of [[ONE], [ONE, TWO]]) {
      await withWorld(memoryInbox(), { as, urls, statusOf: () => 204 }, async ({ inbox, got, send }) => {
        await send("a", { events, timestamp: "2025-09-17T13:10:00.903+00:00" });
        await until("nothing is pending", () => settled(inbox));
        const ofOne = got.filter(({ target }) => target === ONE);
        assert.deepEqual(ofOne.map(({ id }) => id.split("/")[2]), as === "callbacks" ? ["all"] : ["0", "2"]);
        assert.equal(ofOne[0]!.changeAgent, "erp,sheethook");
        assert.equal(JSON.stringify(ofOne).includes("sheethookRelay"), false);
        both.push(ofOne);
        assert.deepEqual(
          got.filter(({ target }) => target === TWO).map(({ id }) => id),
          urls[1] ? ofOne.map(({ id }) => id) : [],
        );
      });
    }
  }
  assert.deepEqual(both[1], both[0]);
  assert.deepEqual(both[3], both[2]);
});

test("410 of one target discards what it got, and nothing else", async () => {
  const statusOf = ({ target }: Got) => target === ONE ? 410 : 204;
  await withWorld(memoryInbox(), { statusOf }, async ({ inbox, taken, send, receiver }) => {
    await send("a");
    await until("nothing is pending", () => settled(inbox));
    assert.deepEqual(taken(TWO), ["a"]);
    const { discarded, done } = await inbox.overview();
    assert.deepEqual([discarded, done, receiver.counts.discarded], [1, 2, 1]);
    const [id] = await inbox.find({ states: ["discarded"] });
    assert.equal((await inbox.show(id!))!.error, `${ONE} answered 410: it wants no more of this`);
  });
});

test("one target alone is a handler in the lane of the sheet, and other handlers run beside it", async () => {
  const seen: number[] = [];
  let isDown = true;
  await withWorld(memoryInbox(), { urls: [ONE], statusOf: () => isDown ? 500 : 204 }, async (world) => {
    world.receiver.on("row.updated", (event) => void seen.push(event.id));
    await world.send("a");
    await world.send("b", { events: [rowEvent(2)] });
    await until("it has failed three times", () => world.got.length >= 3);
    assert.deepEqual(seen, [1]);
    isDown = false;
    await until("nothing is pending", () => settled(world.inbox));
    assert.deepEqual([seen, world.taken(ONE)], [[1, 2], ["a", "b"]]);
    assert.equal((await world.inbox.overview()).totals.done, 2);
  });
});

test("the handlers of a module see nothing of what is relayed, and no event is counted twice", async () => {
  const seen: string[] = [];
  await withWorld(memoryInbox(), { statusOf: () => 204 }, async ({ receiver, inbox, send }) => {
    receiver.on("*.*", (event) => void seen.push(`row ${event.id}`));
    receiver.onCallback(({ events }) => void seen.push(`all ${events.length}`));
    await send("a");
    await until("nothing is pending", () => settled(inbox));
    assert.deepEqual(seen, ["row 1", "all 1"]);
    const { handled, unhandled, accepted } = receiver.counts;
    assert.deepEqual([handled, unhandled, accepted], [1, 0, 1]);
  });
});

test("what was relayed to a target that is given no more is tried as ever, and dies with a reason", async () => {
  const inbox = memoryInbox();
  await withWorld(inbox, { statusOf: () => 500 }, async ({ got, send }) => {
    await send("a");
    await until("both have failed", () => new Set(got.map(({ target }) => target)).size === 2);
  });
  await withWorld(inbox, { urls: [TWO], statusOf: () => 204 }, async ({ inbox, taken }) => {
    await until("nothing is pending", () => settled(inbox));
    assert.deepEqual(taken(TWO), ["a"]);
    const [id] = await inbox.find({ states: ["dead"] });
    assert.match((await inbox.show(id!))!.error!, /Nothing takes what is relayed to https:\/\/one\.example\.com\/hook/);
  });
});

test("addForwarding() refuses what makes no sense", () => {
  const receiver = createReceiver({ secrets: SECRET, logger: createLog() });
  const add = (urls: string[], options?: ForwardingOptions) => () => addForwarding(receiver, urls, options);
  assert.throws(add([]), /^SheethookError: url is a list, but should be at least one URL$/);
  assert.throws(
    add([ONE, ONE]),
    /^SheethookError: url is "https:\/\/one\.example\.com\/hook", but should be given once$/,
  );
  assert.throws(add([ONE], { as: "rows" as never }), /^SheethookError: as is "rows", but should be "callbacks"/);
  assert.throws(
    () => addForwarding(createReceiver({ secrets: SECRET }), [ONE, TWO]),
    /^SheethookError: inbox is undefined, but should be the receiver's inbox/,
  );
});

test("two targets that differ in their queries alone are two targets", async () => {
  const urls = [`${ONE}?team=north`, `${ONE}?team=south`];
  await withWorld(memoryInbox(), { urls, statusOf: () => 204 }, async ({ inbox, taken, send }) => {
    await send("a");
    await until("nothing is pending", () => settled(inbox));
    assert.deepEqual(urls.map((url) => taken(url)), [["a"], ["a"]]);
    const texts = await Promise.all((await inbox.find({})).map(async (id) => (await inbox.show(id))!.body));
    assert.equal(texts.join().includes("north"), false);
  });
});

test("one target and two get the same changes: values before and after, and who made them", async () => {
  const sent = new Map<string, unknown[]>();
  for (const urls of [[ONE], [ONE, TWO]]) {
    await withMirrored({}, async ({ receiver, inbox, edit, settle }) => {
      addForwarding(receiver, urls, {
        as: "changes",
        inbox,
        fetch: async (url, init = {}) => {
          const key = `${url} of ${urls.length}`;
          sent.set(key, [...sent.get(key) ?? [], { ...JSON.parse(String(init.body)), id: idOf(init) }]);
          return new Response(null, { status: 204 });
        },
      });
      const row = edit({ Item: "Rope", Status: "Open" });
      await settle();
      edit({ Status: "Approved" }, row);
      await settle();
    });
  }
  const told = (messages: unknown[] = []) =>
    (messages as Any[]).map(({ type, id, data }) => [
      type,
      id.split("/").slice(2).join("/").replace(String(data.row.id), "<id>"),
      data.sheet.name,
      data.by.email,
      (data.columns as Any[]).map(({ title, from, to }) => `${title}: ${from} -> ${to}`).join(),
      data.row.cells.Status,
    ]);
  const expected = [
    [
      "smartsheet.change.created",
      "row/<id>",
      "Orders",
      "person@example.com",
      "Item: null -> Rope,Status: null -> Open",
      "Open",
    ],
    ["smartsheet.change.updated", "row/<id>", "Orders", "person@example.com", "Status: Open -> Approved", "Approved"],
  ];
  assert.deepEqual(told(sent.get(`${ONE} of 1`)), expected);
  assert.deepEqual(told(sent.get(`${ONE} of 2`)), expected);
  assert.deepEqual(told(sent.get(`${TWO} of 2`)), expected);
});

function idOf({ headers }: RequestInit): string | null {
  return new Headers(headers).get("webhook-id");
}
