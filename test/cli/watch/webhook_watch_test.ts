import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createApi } from "../../../src/api/api.ts";
import { createWebhookWatch } from "../../../src/cli/watch/webhook_watch.ts";
import { factsOf } from "../../../src/smartsheet/webhook_status.ts";
import { WEBHOOK_STATUSES } from "../../../src/simulator/webhook.ts";
import { createLog } from "../../support/callbacks.ts";
import { createSimulated, echo, ok } from "../../support/simulated.ts";
import { until } from "../../support/until.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const START = Date.parse("2026-01-31T08:00:00Z");

/** A watched webhook at a simulator, and a clock that is set by hand. */
async function createWatched(isWell: () => boolean = () => true) {
  const clock = { now: START };
  const account = createSimulated(
    { now: () => clock.now },
    ok,
    (received) => isWell() ? echo(received) : new Response("", { status: 500 }),
  );
  const sheet = await account.createSheet();
  const { id } = await account.createWebhook(sheet.id);
  const log = createLog();
  const failure: { value: Error | undefined } = { value: undefined };
  const api = createApi({
    token: `watch${crypto.randomUUID()}`,
    logger: createLog(),
    attempts: 1,
    fetch: (request) => failure.value ? Promise.reject(failure.value) : account.simulator.fetch(request),
  });
  const ids = [id as number];
  const enabled: { webhookId: number; sheetId: number; since: string | undefined; status: string }[] = [];
  const refusal: { value: Error | undefined } = { value: undefined };
  const watch = createWebhookWatch({
    ...{ apis: () => [api], webhookIds: () => ids, everyMs: 1000, logger: log, now: () => clock.now },
    async onEnabled(webhook) {
      enabled.push({ ...webhook, status: (await account.statusOf(webhook.webhookId)).status });
      if (refusal.value) throw refusal.value;
    },
  });
  return {
    ...{ ...account, clock, id: id as number, ids, log, watch, sheet, failure, enabled, refusal },
    setStatus: (status: string) => account.call("POST", `/_simulator/webhooks/${id}/status`, { status }),
    async look(afterMs = 0) {
      clock.now += afterMs;
      await watch.poll();
      return log.lines.splice(0).map((line) => line.replaceAll(String(id), "ID"));
    },
    state: () => watch.states()[0]!,
    status: async () => (await account.statusOf(id)).status as string,
  };
}

/** What Smartsheet would answer to one token, and what it was asked. */
function createAccount(...webhookIds: number[]) {
  const statuses = new Map(webhookIds.map((id) => [id, "ENABLED"]));
  const asked: string[] = [];
  const account = {
    isRefused: false,
    statuses,
    asked,
    ids: () => [...statuses.keys()],
    api: createApi({
      ...{ token: `watch${crypto.randomUUID()}`, logger: createLog(), attempts: 1 },
      fetch: ({ url, method }) => {
        const path = new URL(url).pathname.replace("/2.0/", "");
        asked.push(`${method} ${path}`);
        return Promise.resolve(answer(path, method));
      },
    }),
  };
  const told = (id: number) => ({ id, name: `webhook ${id}`, status: statuses.get(id), enabled: true });
  function answer(path: string, method: string): Response {
    if (account.isRefused) return refused(401, 1002, "Your Access Token is invalid.");
    if (path === "webhooks") return Response.json({ data: account.ids().map(told), pageNumber: 1, totalPages: -1 });
    const id = Number(path.split("/")[1]);
    if (!statuses.has(id)) return refused(404, 1006, "Not Found");
    if (method === "PUT") statuses.set(id, "ENABLED");
    return Response.json(method === "PUT" ? { message: "SUCCESS", resultCode: 0, result: told(id) } : told(id));
  }
  return account;
}

function refused(status: number, errorCode: number, message: string): Response {
  return Response.json({ errorCode, message, refId: crypto.randomUUID() }, { status });
}

describe("createWebhookWatch()", () => {
  it("enables what is new, once, and says so", async () => {
    const { look, status, challenges, state } = await createWatched();
    const told = await look();
    assert.match(
      told[0]!,
      /^error webhook ID is NEW_NOT_VERIFIED: never enabled yet; no event was sent yet; what to do: /,
    );
    assert.deepEqual(told.slice(1), ["warn webhook ID is enabled now"]);
    assert.equal(await status(), "ENABLED");
    assert.deepEqual(await look(MINUTE_MS), []);
    assert.equal(challenges.length, 1);
    const { enabled, missingSince, whatToDo, since, checkedAt } = state();
    assert.deepEqual([enabled, missingSince, whatToDo, since, checkedAt], [
      true,
      undefined,
      undefined,
      START,
      START + MINUTE_MS,
    ]);
  });

  it("enables what a challenge or a callback has disabled, and says since when events may be missing", async () => {
    for (const disabled of ["DISABLED_VERIFICATION_FAILED", "DISABLED_CALLBACK_FAILED"]) {
      const watched = await createWatched();
      const { look, setStatus, status, simulator, sheet, clock } = watched;
      await look();
      simulator.edit({ sheetId: sheet.id, cells: [{ column: "A", value: "a" }] });
      await simulator.idle();
      clock.now += 10 * MINUTE_MS;
      await look();
      await setStatus(disabled);
      const told = await look(MINUTE_MS);
      // Callbacks that failed were sent while it was still enabled.
      const from = disabled === "DISABLED_CALLBACK_FAILED" ? "2026-01-31T08:00:00.000Z" : "2026-01-31T08:10:00.000Z";
      assert.ok(told[0]!.startsWith(`error webhook ID is ${disabled}: `), told[0]);
      assert.ok(told[0]!.includes(`; events since ${from} may be missing; what to do: `), told[0]);
      assert.ok(
        told[1]!.startsWith(`warn webhook ID is enabled again; events between ${from} and 2026-01-31T08:11:00.000Z`),
        told[1],
      );
      assert.equal(await status(), "ENABLED");
    }
  });

  it("tries again with waits that double up to an hour, and tells each failure", async () => {
    let isWell = true;
    const { look, setStatus, challenges, state } = await createWatched(() => isWell);
    await look();
    isWell = false;
    await setStatus("DISABLED_VERIFICATION_FAILED");
    const tries: number[] = [];
    for (let minute = 0; minute <= 240; minute++) {
      const before = challenges.length;
      const told = await look(minute && MINUTE_MS);
      if (challenges.length === before) {
        assert.equal(told.length, minute ? 0 : 1, `minute ${minute}`);
        continue;
      }
      tries.push(minute);
      assert.match(
        told.at(-1)!,
        /^error webhook ID could not be enabled, it is DISABLED_VERIFICATION_FAILED \(".*"\); the next try is at 2026-/,
      );
    }
    // The first of all was when it was new.
    assert.deepEqual(tries.map((minute, index) => minute - (tries[index - 1] ?? 0)), [1, 2, 4, 8, 16, 32, 60, 60]);
    assert.equal(state().missingSince, START);
    assert.ok(state().retryAt! > START + 240 * MINUTE_MS);
    isWell = true;
    assert.match(
      (await look(HOUR_MS)).at(-1)!,
      /is enabled again; events between 2026-01-31T08:00:00\.000Z and 2026-01-31T13/,
    );
    assert.equal(state().retryAt, undefined);
  });

  it("waits longer each time that it is disabled again, until it was enabled for an hour", async () => {
    const { look, setStatus, status } = await createWatched();
    await look();
    const minutesUntilEnabled = async () => {
      await setStatus("DISABLED_CALLBACK_FAILED");
      for (let minute = 1; minute < 100; minute++) {
        await look(MINUTE_MS);
        if (await status() === "ENABLED") return minute;
      }
      return Infinity;
    };
    assert.deepEqual([await minutesUntilEnabled(), await minutesUntilEnabled(), await minutesUntilEnabled()], [
      1,
      2,
      4,
    ]);
    await look(HOUR_MS);
    await look(MINUTE_MS);
    assert.equal(await minutesUntilEnabled(), 1);
  });

  it("never fights its owner or Smartsheet, and says so once", async () => {
    for (
      const off of [
        "DISABLED_BY_OWNER",
        "DISABLED_ADMINISTRATIVE",
        "DISABLED_APP_REVOKED",
        "DISABLED_SCOPE_INACCESSIBLE",
      ]
    ) {
      const { look, setStatus, status, challenges, state } = await createWatched();
      await look();
      await setStatus(off);
      const told = await look(MINUTE_MS);
      assert.equal(told.length, 1);
      assert.ok(told[0]!.startsWith(`error webhook ID is ${off}: `), told[0]);
      for (let hour = 0; hour < 50; hour++) assert.deepEqual(await look(HOUR_MS), []);
      assert.deepEqual([await status(), challenges.length], [off, 1]);
      assert.deepEqual([state().enabled, state().whatToDo], [false, factsOf(off).toDo]);
      // It comes back by itself, or by hand.
      await setStatus("ENABLED");
      assert.match(
        (await look(MINUTE_MS))[0]!,
        /^warn webhook ID is enabled again; events between 2026-01-31T08:00:00.000Z and /,
      );
    }
  });

  it("rarely tries one whose sheet is too large", async () => {
    const { look, setStatus, challenges } = await createWatched(() => false);
    await setStatus("DISABLED_EXCEEDED_GRID_LIMITS");
    const told = await look();
    assert.match(told[0]!, /^error webhook ID is DISABLED_EXCEEDED_GRID_LIMITS: .* what to do: make the sheet smaller/);
    await setStatus("DISABLED_EXCEEDED_GRID_LIMITS");
    const tries: number[] = [];
    for (let hour = 1; hour <= 13; hour++) {
      const before = challenges.length;
      await look(HOUR_MS);
      if (challenges.length > before) tries.push(hour);
      await setStatus("DISABLED_EXCEEDED_GRID_LIMITS");
    }
    assert.deepEqual(tries, [6, 12]);
  });

  it("says that one is gone, and that it can't ask, once each; forgets what isn't declared any more", async () => {
    const { look, call, id, ids, state, failure, watch } = await createWatched();
    await look();
    failure.value = new TypeError("fetch failed");
    assert.match(
      (await look())[0]!,
      /^error webhook ID can't be watched: GET \/webhooks\/ID of \S+ got no usable answer/,
    );
    assert.deepEqual(await look(), []);
    assert.match(state().error!, /got no usable answer/);
    failure.value = undefined;
    assert.deepEqual(await look(), ["info webhook ID is watched again"]);
    assert.equal(state().error, undefined);
    await call("DELETE", `/2.0/webhooks/${id}`);
    assert.match(
      (await look())[0]!,
      /^error webhook ID is GONE: there is no such webhook; .* what to do: create a new one/,
    );
    assert.deepEqual(await look(), []);
    ids.length = 0;
    assert.deepEqual(await look(), []);
    assert.deepEqual(watch.states(), []);
  });

  it("asks for many by one list, and tells once, for all of them, that the token is refused", async () => {
    const account = createAccount(1, 2, 3, 4, 5, 6, 7);
    const log = createLog();
    const watch = createWebhookWatch({
      ...{ apis: () => [account.api], webhookIds: () => account.ids(), everyMs: 1000, logger: log },
    });
    const look = async () => {
      account.asked.length = 0;
      await watch.poll();
      return { asked: account.asked.join(), told: log.lines.splice(0) };
    };
    account.isRefused = true;
    const { asked, told } = await look();
    assert.equal(asked, "GET webhooks");
    assert.equal(told.length, 1);
    assert.match(told[0]!, /^error webhooks 1, 2, 3, 4, 5 and 2 more can't be watched: .*error 1002/);
    assert.deepEqual(await look(), { asked: "GET webhooks", told: [] });
    await assert.rejects(watch.seen(), /error 1002/);
    account.isRefused = false;
    assert.equal((await look()).told.length, 7);
    account.isRefused = true;
    await look();
    account.isRefused = false;
    const again = "info webhooks 1, 2, 3, 4, 5 and 2 more are watched again";
    assert.deepEqual(await look(), { asked: "GET webhooks", told: [again] });
    assert.deepEqual(
      new Set(watch.states().map(({ status, error }) => `${status} ${error}`)),
      new Set(["ENABLED undefined"]),
    );
  });

  it("asks those that aren't enabled themselves, and those that no list has", async () => {
    const account = createAccount(1, 2);
    const log = createLog();
    const watch = createWebhookWatch({
      ...{ apis: () => [account.api], webhookIds: () => [1, 2, 3], everyMs: 1000, logger: log },
    });
    account.statuses.set(2, "DISABLED_ADMINISTRATIVE");
    await watch.poll();
    assert.deepEqual(account.asked, ["GET webhooks", "GET webhooks/2", "GET webhooks/3"]);
    assert.deepEqual(watch.states().map(({ status }) => status), ["ENABLED", "DISABLED_ADMINISTRATIVE", "GONE"]);
  });

  it("asks each token for its own, enables by it, and misses only those of a token that is refused", async () => {
    const [first, second] = [createAccount(1, 2), createAccount(3, 4)];
    const log = createLog();
    const watch = createWebhookWatch({
      ...{ apis: () => [first.api, second.api], webhookIds: () => [1, 2, 3, 4], everyMs: 1000, logger: log },
    });
    second.statuses.set(3, "DISABLED_CALLBACK_FAILED");
    await watch.poll();
    assert.deepEqual(first.asked, ["GET webhooks"]);
    assert.deepEqual(second.asked, ["GET webhooks", "GET webhooks/3", "PUT webhooks/3"]);
    second.isRefused = true;
    first.statuses.set(1, "DISABLED_BY_OWNER");
    log.lines.length = 0;
    await watch.poll();
    assert.match(
      log.lines.join("\n"),
      /^error webhook 1 is DISABLED_BY_OWNER: .*\nerror webhooks 3, 4 can't be watched: /,
    );
    assert.deepEqual(watch.states().map(({ status }) => status), [
      "DISABLED_BY_OWNER",
      "ENABLED",
      "ENABLED",
      "ENABLED",
    ]);
  });

  it("says that it may not enable, and tries again later", async () => {
    const log = createLog();
    const clock = { now: START };
    const forbidden = { errorCode: 1004, message: "You are not authorized to perform this action.", refId: "a" };
    const api = createApi({
      token: `watch${crypto.randomUUID()}`,
      logger: createLog(),
      fetch: ({ method }) =>
        Promise.resolve(
          method === "GET"
            ? Response.json({ id: 1, status: "DISABLED_CALLBACK_FAILED" })
            : Response.json(forbidden, { status: 403 }),
        ),
    });
    const watch = createWebhookWatch({
      ...{ apis: () => [api], webhookIds: () => [1], everyMs: 1000, logger: log, now: () => clock.now },
    });
    const look = async () => {
      await watch.poll();
      clock.now += MINUTE_MS;
      return log.lines.splice(0);
    };
    const [, told] = await look();
    assert.match(
      told!,
      /^error webhook 1 could not be enabled, .*error 1004.*ADMIN_WEBHOOKS.*; the next try is at 2026/,
    );
    assert.match((await look()).join(), /^error webhook 1 could not be enabled, [^\n]*$/);
    assert.deepEqual(await look(), []);
    assert.equal(watch.states()[0]!.status, "DISABLED_CALLBACK_FAILED");
  });

  it("runs until it is stopped", async () => {
    const { watch, status } = await createWatched();
    const stop = new AbortController();
    const running = watch.run(stop.signal);
    await until("the webhook is enabled", async () => await status() === "ENABLED");
    stop.abort();
    await running;
  });
});

describe("factsOf()", () => {
  it("knows each documented status, and leaves an unknown one alone", () => {
    for (const status of WEBHOOK_STATUSES) {
      assert.equal(factsOf(status).toDo === undefined, status === "ENABLED", status);
    }
    assert.equal(factsOf("DISABLED_BY_THE_MOON").remedy, "leave");
  });
});

describe("createWebhookWatch() with onEnabled", () => {
  it("tells when a webhook is enabled that was disabled, and since when; not of a new one", async () => {
    const { look, setStatus, enabled, sheet, id, status } = await createWatched();
    await look();
    assert.deepEqual(enabled, [], "it was new");
    await look(MINUTE_MS);
    await setStatus("DISABLED_VERIFICATION_FAILED");
    await look(MINUTE_MS);
    const since = "2026-01-31T08:01:00.000Z";
    assert.deepEqual(enabled, [{ webhookId: id, sheetId: sheet.id, since, status: "ENABLED" }]);
    assert.equal(await status(), "ENABLED");
    await look(MINUTE_MS);
    assert.equal(enabled.length, 1);
  });

  it("tells again with the next poll if that has failed, and logs it once", async () => {
    const { look, setStatus, enabled, refusal } = await createWatched();
    await look();
    await setStatus("DISABLED_CALLBACK_FAILED");
    refusal.value = new Error("The inbox is away");
    await look(MINUTE_MS);
    const told = [...await look(MINUTE_MS), ...await look(MINUTE_MS)];
    assert.deepEqual(told, []);
    assert.equal(enabled.length, 3);
    refusal.value = undefined;
    await look(MINUTE_MS);
    await look(MINUTE_MS);
    assert.deepEqual([enabled.length, new Set(enabled.map(({ since }) => since)).size], [4, 1]);
  });
});
