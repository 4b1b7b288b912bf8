import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { inspect } from "node:util";
import { type Api, ApiError, createApi } from "../../src/api/api.ts";
import { createChangeAgent } from "../../src/change_agent/change_agent.ts";
import { createLog } from "../support/callbacks.ts";
import { createFakeSmartsheet, freshToken, ok, refused } from "./fake_smartsheet.ts";

const webhook = { id: 1, name: "a", status: "ENABLED" };
const networkError = () => new TypeError("fetch failed", { cause: new Error("read ECONNRESET") });

describe("createApi()", () => {
  it("sends what Smartsheet documents", async () => {
    const { api, seen } = createFakeSmartsheet([ok({ result: { id: 1, sharedSecret: "s" }, data: [], version: 3 })]);
    await api.webhooks.get(1);
    await api.webhooks.create({ name: "n", callbackUrl: "https://a.example", scopeObjectId: 2 });
    await api.webhooks.update(1, { enabled: true });
    await api.webhooks.delete(1);
    assert.equal(await api.webhooks.resetSharedSecret(1), "s");
    await api.sheets.get(2, { rowIds: [3, 4], columnIds: [5], rowsModifiedSince: new Date(0), ifVersionAfter: 6 });
    assert.equal(await api.sheets.version(2), 3);
    await api.rows.get(2, 3);
    await api.rows.add(2, [{ cells: [] }], { changeAgent: "a,b" });
    await api.rows.update(2, [{ id: 3 }]);
    await api.sheets.get(2, { include: ["objectValue", "writerInfo"], exclude: ["nonexistentCells"], level: 2 });
    await api.rows.get(2, 3, { include: ["columnType"], level: 1 });
    await api.sheets.columns(2);
    await Array.fromAsync(api.cells.history(2, 3, 5));
    await api.users.me();
    assert.deepEqual(seen.map(({ call }) => decodeURIComponent(call)), [
      "GET /2.0/webhooks/1",
      "POST /2.0/webhooks",
      "PUT /2.0/webhooks/1",
      "DELETE /2.0/webhooks/1",
      "POST /2.0/webhooks/1/resetsharedsecret",
      "GET /2.0/sheets/2?rowIds=3,4&columnIds=5&rowsModifiedSince=1970-01-01T00:00:00.000Z&ifVersionAfter=6",
      "GET /2.0/sheets/2/version",
      "GET /2.0/sheets/2/rows/3",
      "POST /2.0/sheets/2/rows",
      "PUT /2.0/sheets/2/rows",
      "GET /2.0/sheets/2?include=objectValue,writerInfo&exclude=nonexistentCells&level=2",
      "GET /2.0/sheets/2/rows/3?include=columnType&level=1",
      "GET /2.0/sheets/2/columns?page=1&pageSize=1000&level=2",
      "GET /2.0/sheets/2/rows/3/columns/5/history?page=1&pageSize=1000",
      "GET /2.0/users/me",
    ]);
    assert.deepEqual(seen[1]!.body, {
      ...{ name: "n", callbackUrl: "https://a.example", scopeObjectId: 2 },
      ...{ scope: "sheet", events: ["*.*"], version: 1 },
    });
    const agents = seen.map(({ request }) => request.headers.get("smartsheet-change-agent"));
    assert.deepEqual(agents.filter(Boolean), ["a,b"]);
    assert.match(seen[0]!.request.headers.get("authorization")!, /^Bearer token\d+hidden$/);
    assert.equal(seen[8]!.request.headers.get("content-type"), "application/json");
  });

  it("carries the change agent of a handler's fetch", async () => {
    const headers: (string | null)[] = [];
    const agent = createChangeAgent("inventory", undefined, (input, init) => {
      headers.push(new Headers(init?.headers ?? (input as Request).headers).get("smartsheet-change-agent"));
      return Promise.resolve(Response.json({ result: [], version: 1 }));
    });
    const own = createApi({ token: freshToken(), fetch: agent.fetch(["crm"]) });
    await own.rows.update(1, [{ id: 2 }]);
    await own.sheets.version(1);
    assert.deepEqual(headers, ["crm,inventory", null]);
  });

  it("knows the regions, or takes a URL", () => {
    const urlOf = (options: object) => createApi({ token: "t", ...options }).apiUrl;
    assert.equal(urlOf({}), "https://api.smartsheet.com/2.0");
    assert.equal(urlOf({ region: "eu" }), "https://api.smartsheet.eu/2.0");
    assert.equal(urlOf({ region: "au" }), "https://api.smartsheet.au/2.0");
    assert.equal(urlOf({ region: "gov" }), "https://api.smartsheetgov.com/2.0");
    assert.equal(urlOf({ apiUrl: "http://127.0.0.1:8787/2.0/" }), "http://127.0.0.1:8787/2.0");
    assert.equal(urlOf({ apiUrl: "http://127.0.0.1:8787" }), "http://127.0.0.1:8787/2.0");
    assert.equal(urlOf({ apiUrl: "https://proxy.example/smartsheet/" }), "https://proxy.example/smartsheet");
  });

  it("refuses options that can't work, and shows no token", () => {
    const refuses = (options: object, message: RegExp) =>
      assert.throws(() => createApi({ token: "t", ...options }), (error: Error) => {
        assert.equal((error as ApiError).code, "option_invalid");
        assert.match(error.message, message);
        assert.doesNotMatch(inspect(error), /hidden/);
        return true;
      });
    for (const token of ["", " ", "hid den", "hidden\n", undefined]) {
      refuses({ token }, /^token should be an access token/);
    }
    refuses({ region: "mars" }, /^region is "mars", but should be one of us,eu,au,gov$/);
    refuses({ region: "eu", apiUrl: "https://a.example" }, /^region and apiUrl are given/);
    for (const apiUrl of ["api", "ftp://a", "https://u:hidden@a", "https://a?b"]) {
      refuses({ apiUrl }, /^apiUrl should be/);
    }
    refuses({ attempts: 0 }, /^attempts is 0/);
    refuses(
      { requestPerMinute: 60 },
      /^createApi\(\) has no option "requestPerMinute": did you mean requestsPerMinute/,
    );
    refuses({ timeoutMs: -1 }, /^timeoutMs is -1/);
    refuses({ requestsPerMinute: 0.5 }, /^requestsPerMinute is 0.5/);
  });

  it("refuses arguments that no call takes, before it is sent", async () => {
    const { api, seen } = createFakeSmartsheet([ok({})]);
    const invalid = (message: RegExp) => ({ code: "option_invalid", message });
    await assert.rejects(api.webhooks.get(0), invalid(/^webhookId is 0/));
    await assert.rejects(api.sheets.get(1, { rowIds: [NaN] }), invalid(/^rowIds is NaN/));
    await assert.rejects(api.rows.add(1, []), invalid(/^rows.length is 0, but should be from 1 to 500/));
    await assert.rejects(api.rows.delete(1, []), invalid(/^rowIds.length is 0, but should be at least 1/));
    await assert.rejects(Array.fromAsync(api.sheets.pages(1, { pageSize: 10_001 })), invalid(/from 1 to 10000/));
    await assert.rejects(api.rows.add(1, [{ cells: [] }], { changeAgent: "ä" }), invalid(/^changeAgent is "ä"/));
    await assert.rejects(Array.fromAsync(api.webhooks.list({ pageSize: 10_001 })), invalid(/from 1 to 10000/));
    assert.deepEqual(seen, []);
  });
});

describe("webhooks.list()", () => {
  let ids = 0;
  const page = (count: number, rest: object = {}) => () =>
    Response.json({
      data: Array.from({ length: count }, () => ({ id: ++ids })),
      ...{ totalPages: -1, totalCount: -1 },
      ...rest,
    });

  it("reads until a short page", async () => {
    const { api, seen } = createFakeSmartsheet([page(3), page(3), page(0)]);
    assert.equal((await Array.fromAsync(api.webhooks.list({ pageSize: 3 }))).length, 6);
    assert.deepEqual(seen.map(({ call }) => call.split("?")[1]), [1, 2, 3].map((page) => `page=${page}&pageSize=3`));
  });

  it("believes a page that says it is smaller than asked for", async () => {
    const { api, seen } = createFakeSmartsheet([page(2, { pageSize: 2 }), page(1, { pageSize: 2 })]);
    assert.equal((await Array.fromAsync(api.webhooks.list())).length, 3);
    assert.equal(seen.length, 2);
  });

  it("ends with the last page where an answer tells it, and where one repeats the page before", async () => {
    const told = createFakeSmartsheet([page(3, { totalPages: 2 })]);
    assert.equal((await Array.fromAsync(told.api.cells.history(1, 2, 3, { pageSize: 3 }))).length, 6);
    assert.equal(told.seen.length, 2);
    const repeated = createFakeSmartsheet([page(3), ok({ data: [{ id: 7 }, { id: 8 }, { id: 9 }] })]);
    assert.equal((await Array.fromAsync(repeated.api.webhooks.list({ pageSize: 3 }))).length, 6);
    assert.equal(repeated.seen.length, 3);
  });

  it("asks for no more than its reader takes", async () => {
    const { api, seen } = createFakeSmartsheet([page(3)]);
    for await (const _ of api.webhooks.list({ pageSize: 3 })) break;
    assert.equal(seen.length, 1);
  });

  it("fails where no list comes", async () => {
    const { api } = createFakeSmartsheet([ok({ hello: 1 })]);
    await assert.rejects(Array.fromAsync(api.webhooks.list()), { code: "api_unanswered", message: /has no data/ });
  });
});

describe("a call that is refused", () => {
  it("tells errorCode, refId, status and what to do", async () => {
    const { api, seen, waits } = createFakeSmartsheet([refused(404, 1006)]);
    await assert.rejects(api.webhooks.get(1), (error: ApiError) => {
      assert.ok(error instanceof ApiError);
      assert.deepEqual([error.code, error.status, error.errorCode, error.refId], ["api_refused", 404, 1006, "b1c2"]);
      assert.match(error.toDo, /^check the id/);
      assert.match(
        error.message,
        /^GET \/webhooks\/1 was answered with 404 "It can't be" \(error 1006, refId b1c2\): check the id/,
      );
      return true;
    });
    assert.deepEqual([seen.length, waits], [1, []]);
  });

  it("never shows the token, whoever says it", async () => {
    const token = freshToken();
    const echo = () => Response.json({ errorCode: 1002, message: `${token} is wrong`, refId: token }, { status: 401 });
    const causes = [
      echo,
      () => new TypeError("fetch failed"),
      () => new Response(`<p>${token}</p>`),
      refused(500, 4000),
    ];
    for (const answer of causes) {
      const { api } = createFakeSmartsheet([answer], { token, attempts: 1 });
      await assert.rejects(api.users.me(), (error: Error) => {
        const shown = `${error.stack} ${error.message} ${inspect(error, { depth: 20, showHidden: true })} ${
          JSON.stringify(error)
        }`;
        assert.ok(!shown.includes("hidden") || !shown.includes(token), shown);
        return error instanceof ApiError;
      });
    }
  });

  it("is not repeated if it would be refused again", async () => {
    for (const [status, errorCode] of [[404, 1151], [400, 1152], [500, 1153], [503, 1154], [400, 1008], [401, 1002]]) {
      const { api, seen } = createFakeSmartsheet([refused(status!, errorCode!)]);
      await assert.rejects(api.webhooks.update(1, { enabled: true }), { errorCode });
      assert.equal(seen.length, 1, String(errorCode));
    }
  });

  it("is repeated on 4001, 4002 and 4004, also if it adds, with waits that grow", async () => {
    for (const errorCode of [4001, 4002, 4004]) {
      const again = refused(503, errorCode);
      const { api, waits } = createFakeSmartsheet([again, again, again, ok({ result: [{ id: 9 }] })]);
      assert.deepEqual(await api.rows.add(1, [{ cells: [] }]), [{ id: 9 }]);
      assert.deepEqual(waits, [1000, 2000, 4000]);
    }
  });

  it("says so when it is sent again", async () => {
    const logger = createLog();
    const { api } = createFakeSmartsheet([refused(503, 4001), networkError, ok(webhook)], { logger });
    await api.webhooks.get(1);
    assert.match(logger.lines[0]!, /^warn GET \/webhooks\/1 was answered with 503 .*; sent again in 1 s$/);
    assert.match(
      logger.lines[1]!,
      /^warn GET \/webhooks\/1 of \S+ got no usable answer \(read ECONNRESET\).*; sent again in 2 s$/,
    );
    assert.equal(logger.lines.length, 2);
  });

  it("is given up after its attempts", async () => {
    const { api, seen } = createFakeSmartsheet([refused(503, 4001)], { attempts: 3 });
    await assert.rejects(api.webhooks.get(1), { errorCode: 4001 });
    assert.equal(seen.length, 3);
  });

  it("waits a minute on 429 and 4003, or as long as Retry-After says", async () => {
    const waited = async (answer: () => Response) => {
      const { api, seen } = createFakeSmartsheet([answer, ok({ result: webhook })]);
      await api.webhooks.create({ name: "n", callbackUrl: "https://a.example", scopeObjectId: 2 });
      assert.equal(seen.length, 2);
      return seen[1]!.at - seen[0]!.at;
    };
    assert.equal(await waited(refused(429, 4003)), 60_000);
    assert.equal(await waited(refused(400, 4003)), 60_000);
    assert.equal(await waited(() => new Response("", { status: 429 })), 60_000);
    assert.equal(await waited(refused(429, 4003, { "retry-after": "7" })), 7_000);
    assert.equal(await waited(refused(429, 4003, { "retry-after": new Date(1_030_000).toUTCString() })), 30_000);
    assert.equal(await waited(refused(429, 4003, { "retry-after": "99999" })), 300_000);
  });

  it("ends at once when it is aborted while it waits", async () => {
    const controller = new AbortController();
    const reason = new Error("enough");
    const { api, seen } = createFakeSmartsheet([refused(503, 4001)], {
      sleep: (_, signal) => {
        controller.abort(reason);
        return Promise.resolve(void signal);
      },
    });
    await assert.rejects(api.webhooks.get(1, { signal: controller.signal }), (error) => error === reason);
    assert.equal(seen.length, 1);
    await assert.rejects(api.webhooks.get(1, { signal: controller.signal }), (error) => error === reason);
    assert.equal(seen.length, 1);
  });
});

describe("a call without a usable answer", () => {
  const create = { name: "n", callbackUrl: "https://a.example", scopeObjectId: 2 };

  it("is repeated if it reads, or can be done twice", async () => {
    for (const failure of [networkError, refused(500, 4000), () => new Response("", { status: 502 })]) {
      const { api, seen } = createFakeSmartsheet([failure, ok({ ...webhook, result: { sharedSecret: "s" } })]);
      await api.webhooks.get(1);
      assert.equal(seen.length, 2);
      const put = createFakeSmartsheet([failure, ok({ result: webhook })]);
      await put.api.webhooks.update(1, { enabled: true });
      const reset = createFakeSmartsheet([failure, ok({ result: { sharedSecret: "s" } })]);
      assert.equal(await reset.api.webhooks.resetSharedSecret(1), "s");
    }
  });

  it("is never repeated if it may have added or deleted", async () => {
    for (const failure of [networkError, refused(500, 4000), () => new Response("", { status: 502 })]) {
      const { api, seen } = createFakeSmartsheet([failure, ok({ result: webhook })]);
      await assert.rejects(
        api.webhooks.create(create),
        (error: ApiError) => /check before you do it again/.test(error.toDo),
      );
      assert.equal(seen.length, 1);
      const rows = createFakeSmartsheet([failure, ok({ result: [] })]);
      await assert.rejects(rows.api.rows.add(1, [{ cells: [] }]), ApiError);
      const deleted = createFakeSmartsheet([failure, ok({ result: [] })]);
      await assert.rejects(deleted.api.rows.delete(1, [1]), ApiError);
      assert.deepEqual([rows.seen.length, deleted.seen.length], [1, 1]);
    }
    const { api } = createFakeSmartsheet([networkError]);
    await assert.rejects(api.webhooks.create(create), {
      code: "api_unanswered",
      message: /got no usable answer \(read ECONNRESET\): it may have been done: check before/,
    });
  });

  it("fails if the headers or the body don't come in time", async () => {
    const never = new Promise<never>(() => {});
    const late = { code: "api_unanswered", message: /got no usable answer in time/ };
    const silent = createFakeSmartsheet([], { fetch: () => never, timeoutMs: 50, attempts: 1 });
    await assert.rejects(silent.api.webhooks.get(1), late);
    const body = () => new ReadableStream({ pull: () => never });
    const slow = createFakeSmartsheet([() => new Response(body())], { timeoutMs: 50, attempts: 1 });
    await assert.rejects(slow.api.webhooks.get(1), late);
  });

  it("is repeated if its JSON breaks off, unless it may have added", async () => {
    const torn = () => new Response('{"id": 1, "na');
    const { api, seen } = createFakeSmartsheet([torn, ok(webhook)]);
    assert.equal((await api.webhooks.get(1)).name, "a");
    assert.equal(seen.length, 2);
    const never = createFakeSmartsheet([torn], { attempts: 2 });
    await assert.rejects(never.api.webhooks.get(1), {
      code: "api_unanswered",
      message: /^GET \/webhooks\/1 of \S+ got no usable answer \(the JSON breaks off after 13 characters\): check the/,
    });
    const added = createFakeSmartsheet([torn]);
    await assert.rejects(added.api.rows.add(1, [{ cells: [] }]), { message: /check before you do it again/ });
    assert.equal(added.seen.length, 1);
  });

  it("is told as it is if something before Smartsheet refuses its URL", async () => {
    for (const status of [414, 431]) {
      const { api, seen } = createFakeSmartsheet([() => new Response("<html>no</html>", { status })]);
      await assert.rejects(api.sheets.get(1), (error: ApiError) => {
        assert.deepEqual([error.code, error.status, error.errorCode], ["api_refused", status, undefined]);
        assert.match(
          error.message,
          new RegExp(`^GET /sheets/1 was answered with ${status}: ask for fewer ids at once`),
        );
        return true;
      });
      assert.equal(seen.length, 1);
    }
  });

  it("is not taken for Smartsheet's if it is a redirect, or no JSON", async () => {
    const redirect = createFakeSmartsheet([
      () => new Response("", { status: 302, headers: { location: "https://evil.example" } }),
    ]);
    await assert.rejects(redirect.api.users.me(), {
      code: "api_refused",
      message: /with 302: the API never redirects/,
    });
    assert.equal(redirect.seen[0]!.request.redirect, "manual");
    const page = createFakeSmartsheet([() => new Response("<html>")]);
    await assert.rejects(page.api.users.me(), {
      code: "api_unanswered",
      message: /^GET \/users\/me was answered with a page of HTML: check the API's URL/,
    });
    assert.equal(page.seen.length, 1);
    const list = createFakeSmartsheet([ok([])]);
    await assert.rejects(list.api.users.me(), { message: /something other than a JSON object/ });
    const none = createFakeSmartsheet([ok({})]);
    await assert.rejects(none.api.webhooks.update(1, {}), { message: /has no result/ });
  });
});

describe("the budget of a token", () => {
  it("lets no minute have more than 300 requests, over all clients of the token", async () => {
    const token = freshToken();
    const first = createFakeSmartsheet([ok(webhook)], { token });
    const second = createFakeSmartsheet([ok(webhook)], { token }, first.clock);
    for (let each = 0; each < 150; each++) {
      await first.api.webhooks.get(1);
      await second.api.webhooks.get(1);
    }
    assert.deepEqual(first.waits, []);
    await first.api.webhooks.get(1);
    assert.deepEqual(first.waits, [61_000]);
    const other = createFakeSmartsheet([ok(webhook)]);
    await other.api.webhooks.get(1);
    assert.deepEqual(other.waits, []);
  });

  it("counts cell history as 10", async () => {
    const { api, seen, clock } = createFakeSmartsheet([ok({ data: [] })]);
    const start = clock.now;
    for (let each = 0; each < 31; each++) await Array.fromAsync(api.cells.history(1, 2, 3));
    assert.equal(seen.filter(({ at }) => at === start).length, 30);
  });

  it("counts repetitions, too", async () => {
    const { api, waits } = createFakeSmartsheet([refused(503, 4001), ok(webhook)], { requestsPerMinute: 1 });
    await api.webhooks.get(1);
    assert.deepEqual(waits, [1000, 60_000]);
  });

  it("keeps every client of the token waiting after a 429", async () => {
    const token = freshToken();
    const first = createFakeSmartsheet([refused(429, 4003), ok(webhook)], { token });
    const second = createFakeSmartsheet([refused(429, 4003), ok(webhook)], { token }, first.clock);
    const start = first.clock.now;
    await Promise.all([first.api.webhooks.get(1), second.api.webhooks.get(2)]);
    const times = [...first.seen, ...second.seen].map(({ at }) => at - start).sort((a, b) => a - b);
    assert.deepEqual(times.slice(0, 2), [0, 0]);
    assert.ok(times.slice(2).every((at) => at >= 60_000), times.join());
  });

  it("keeps the token waiting also after a 429 that isn't tried again", async () => {
    const { api, seen } = createFakeSmartsheet([refused(429, 4003), ok(webhook)], { attempts: 1 });
    await assert.rejects(api.webhooks.get(1), { errorCode: 4003 });
    await api.webhooks.get(1);
    assert.equal(seen[1]!.at - seen[0]!.at, 60_000);
  });

  it("gives back the place of who is aborted", async () => {
    const token = freshToken();
    const { api, seen } = createFakeSmartsheet([ok(webhook)], {
      token,
      requestsPerMinute: 1,
      sleep: undefined,
      now: undefined,
    });
    await api.webhooks.get(1);
    const gone = new AbortController();
    const waiting = api.webhooks.get(2, { signal: gone.signal });
    gone.abort();
    await assert.rejects(waiting, { name: "AbortError" });
    assert.equal(seen.length, 1);
  });

  it("lets reads of sheets wait when x-ratelimit-remaining has no room for one, and nothing else", async () => {
    const start = 1.7e12;
    const resets = ["30", "1700000030", "1700000030000", new Date(start + 30_000).toUTCString()];
    for (const reset of resets) {
      const answer = (remaining: string) => () =>
        Response.json({ version: 1 }, {
          headers: { "x-ratelimit-limit": "80000", "x-ratelimit-remaining": remaining, "x-ratelimit-reset": reset },
        });
      const logger = createLog();
      const clock = { now: start };
      const { api, seen } = createFakeSmartsheet([answer("400"), answer("399"), ok({ version: 1 })], { logger }, clock);
      await api.sheets.get(1);
      await api.sheets.get(1);
      await api.sheets.version(1);
      await api.sheets.get(1);
      assert.deepEqual(seen.map(({ at }) => at - start), [0, 0, 0, 30_000], reset);
      assert.match(logger.lines[0]!, /^warn GET \/sheets\/1 used up .* the next one waits 30 s$/);
      assert.equal(logger.lines.length, 1);
    }
  });

  it("lets the whole token wait when another answer says so", async () => {
    const token = freshToken();
    const limit = (remaining: string) => () =>
      Response.json(webhook, { headers: { "x-ratelimit-remaining": remaining, "x-ratelimit-reset": "30" } });
    const { api, seen, clock } = createFakeSmartsheet([limit("1"), limit("0"), ok(webhook)], { token });
    const other = createFakeSmartsheet([ok({ version: 1 })], { token }, clock);
    const start = clock.now;
    await api.webhooks.get(1);
    await api.webhooks.get(1);
    await other.api.sheets.get(1);
    await api.webhooks.get(1);
    assert.deepEqual([...seen, ...other.seen].map(({ at }) => at - start), [0, 0, 30_000, 30_000]);
  });

  it("lets calls of low priority wait first, whatever they do, so that a fifth is left", async () => {
    const low = { priority: "low" } as const;
    const calls: ((api: Api) => Promise<unknown>)[] = [
      (api) => api.webhooks.get(1, low),
      (api) => api.webhooks.list(low).next(),
      (api) => api.sheets.get(1, low),
      (api) => api.sheets.get(1, { rowIds: [2], ...low }),
      (api) => api.sheets.pages(1, low).next(),
      (api) => api.sheets.columns(1, low),
      (api) => api.sheets.version(1, low),
      (api) => api.rows.get(1, 2, low),
      (api) => api.rows.update(1, [{ id: 2 }], low),
      (api) => api.users.me(low),
    ];
    const answer = ok({ version: 1, totalRowCount: 0, rows: [], data: [], result: [] });
    for (const call of calls) {
      const { api, waits } = createFakeSmartsheet([answer], { requestsPerMinute: 5 });
      for (let n = 0; n < 4; n++) await call(api);
      await api.webhooks.get(1);
      assert.deepEqual(waits, [], String(call));
      await call(api);
      assert.deepEqual(waits, [61_000], String(call));
    }
    const { api } = createFakeSmartsheet([answer]);
    await assert.rejects(api.users.me({ priority: "high" as "low" }), { code: "option_invalid" });
  });

  it("lets reads of low priority wait when a fifth of x-ratelimit-limit is left, and no others", async () => {
    const headers = { "x-ratelimit-limit": "80000", "x-ratelimit-remaining": "15600", "x-ratelimit-reset": "30" };
    const { api, waits } = createFakeSmartsheet([() => Response.json({ version: 1 }, { headers })]);
    await api.sheets.get(1);
    await api.sheets.get(1);
    await api.sheets.version(1, { priority: "low" });
    assert.deepEqual(waits, []);
    await api.sheets.get(1, { priority: "low" });
    assert.deepEqual(waits, [30_000]);
  });

  it("waits 5 minutes at most, and not at all for a reset that is over or can't be read", async () => {
    const wait = async (reset: string | undefined) => {
      const headers = { "x-ratelimit-remaining": "0", ...(reset !== undefined && { "x-ratelimit-reset": reset }) };
      const clock = { now: 1.7e12 };
      const { api } = createFakeSmartsheet([() => Response.json({ version: 1 }, { headers })], {}, clock);
      await api.sheets.get(1);
      await api.sheets.get(1);
      return clock.now - 1.7e12;
    };
    assert.equal(await wait("86400"), 300_000);
    for (const reset of ["1699999999", "-5", "soon", "", undefined]) assert.equal(await wait(reset), 0, reset);
  });
});
