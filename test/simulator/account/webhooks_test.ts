import assert from "node:assert/strict";
import { test } from "node:test";
import { createSimulated, echo, ok, patternsOf } from "../../support/simulated.ts";
import { until } from "../../support/until.ts";

test("createSimulator() makes webhooks that are disabled, with a secret", async () => {
  const { createSheet, createWebhook, statusOf } = createSimulated();
  const sheet = await createSheet();
  const webhook = await createWebhook(sheet.id, { subscope: { columnIds: [sheet.columns[0].id] } });
  assert.deepEqual([webhook.enabled, webhook.status, webhook.version], [false, "NEW_NOT_VERIFIED", 1]);
  assert.match(webhook.sharedSecret, /^[0-9a-z]{25,26}$/);
  assert.ok(Number.isSafeInteger(webhook.id) && webhook.id > 1e15);
  assert.deepEqual(webhook.subscope, { columnIds: [sheet.columns[0].id] });
  assert.deepEqual(await statusOf(webhook.id), webhook);
});

test("createSimulator() refuses webhooks as Smartsheet does", async () => {
  const { ask, createSheet } = createSimulated();
  const { id } = await createSheet();
  const good = {
    name: "n",
    callbackUrl: "https://example.com/hook",
    scope: "sheet",
    scopeObjectId: id,
    events: ["*.*"],
    version: 1,
  };
  const refused = async (attributes: Record<string, unknown>) => {
    const { status, body } = await ask("POST", "/2.0/webhooks", { ...good, ...attributes });
    assert.match(body.refId, /^\w+$/);
    assert.equal(typeof body.message, "string");
    return [status, body.errorCode];
  };
  for (const name of Object.keys(good)) assert.deepEqual(await refused({ [name]: undefined }), [400, 1012], name);
  assert.deepEqual(await refused({ scopeObjectId: 1 }), [400, 1151]);
  assert.deepEqual(await refused({ version: 2 }), [400, 1031]);
  assert.deepEqual(await refused({ events: [] }), [400, 1031]);
  assert.deepEqual(await refused({ events: ["everything"] }), [400, 1031]);
  assert.deepEqual(await refused({ scope: "workspace" }), [400, 1031]);
  assert.deepEqual(await refused({ enabled: true }), [400, 1032]);
  assert.deepEqual(await refused({ customHeaders: { a: "b" } }), [400, 1032]);
  assert.deepEqual(await refused({ colour: "blue" }), [400, 1008]);
  assert.equal((await ask("POST", "/2.0/webhooks", good)).status, 200);
});

test("createSimulator() takes https URLs on Smartsheet's ports, and anything on loopback", async () => {
  const { ask, createSheet } = createSimulated();
  const { id } = await createSheet();
  const answer = async (callbackUrl: unknown) => {
    const body = { name: "n", callbackUrl, scope: "sheet", scopeObjectId: id, events: ["*.*"], version: 1 };
    return (await ask("POST", "/2.0/webhooks", body)).body.errorCode ?? 200;
  };
  for (const port of ["", ":443", ":8000", ":8008", ":8080", ":8443"]) {
    assert.equal(await answer(`https://example.com${port}/hook`), 200, port);
  }
  for (const host of ["127.0.0.1:1234", "localhost", "[::1]:99"]) {
    assert.equal(await answer(`http://${host}/hook`), 200, host);
    assert.equal(await answer(`https://${host}/hook`), 200, host);
  }
  for (const url of ["http://example.com/", "http://127.0.0.1.example.com/", "http://10.0.0.1/", "ftp://localhost/"]) {
    assert.equal(await answer(url), 1152, url);
  }
  for (const url of ["https://example.com:444/", "https://10.0.0.1/", "https://192.168.1.1/", "https://[fd00::1]/"]) {
    assert.equal(await answer(url), 1031, url);
  }
  for (const url of ["hook", "", 7, null]) assert.ok([1031, 1012].includes(await answer(url)), String(url));
});

test("createSimulator() allows 100 webhooks on a plan, and more on sheets", async () => {
  const { ask, createSheet, createWebhook, call } = createSimulated();
  const { id: sheetId } = await createSheet();
  const { planId: id } = await call("GET", "/_simulator");
  const ids = [];
  for (let n = 0; n < 100; n++) ids.unshift((await createWebhook(id, { name: `${n}`, scope: "plan" })).id);
  const body = { name: "n", callbackUrl: "https://a.example/", scope: "plan", scopeObjectId: id, events: ["*.*"] };
  const refused = await ask("POST", "/2.0/webhooks", { ...body, version: 1 });
  assert.deepEqual([refused.status, refused.body.errorCode], [403, 1013]);

  const idsOf = async (query: string) =>
    (await call("GET", `/2.0/webhooks${query}`)).data.map((webhook: { id: number }) => webhook.id);
  assert.deepEqual(await idsOf(""), ids, "newest first");
  assert.deepEqual(await idsOf("?page=2&pageSize=30"), ids.slice(30, 60));
  assert.deepEqual(await idsOf("?page=4&pageSize=30"), ids.slice(90));
  assert.deepEqual(await idsOf("?page=5&pageSize=30"), []);
  assert.deepEqual(await idsOf("?includeAll=true&pageSize=2"), ids.slice(0, 2));
  const { id: last } = await createWebhook(sheetId);
  assert.deepEqual(await idsOf("?pageSize=1"), [last]);
});

test("createSimulator() lists webhooks without counts and without their filters", async () => {
  const { createSheet, createWebhook, call, statusOf } = createSimulated();
  const { id } = await createWebhook((await createSheet()).id, { events: ["row.created"] });
  const page = await call("GET", "/2.0/webhooks?pageSize=20000");
  assert.deepEqual([page.pageNumber, page.pageSize, page.totalPages, page.totalCount], [1, 10_000, -1, -1]);
  assert.deepEqual(page.data[0].events, ["*.*"]);
  assert.deepEqual((await statusOf(id)).events, ["row.created"]);
});

test("createSimulator() keeps webhooks of different users apart", async () => {
  const { ask, createSheet, createWebhook } = createSimulated({ users: { theirs: "they@example.com" } });
  const { id } = await createWebhook((await createSheet()).id);
  const theirs = { authorization: "Bearer theirs" };
  assert.deepEqual((await ask("GET", "/2.0/webhooks", undefined, theirs)).body.data, []);
  assert.equal((await ask("GET", `/2.0/webhooks/${id}`, undefined, theirs)).body.errorCode, 1006);
  assert.equal((await ask("GET", "/2.0/users/me", undefined, theirs)).body.email, "they@example.com");
});

test("PUT enabled answers when the challenge is answered, in the header or in the body", async () => {
  let answer = () => {};
  const inTime = new Promise<void>((resolve) => answer = resolve);
  const { createSheet, createWebhook, enable, challenges, statusOf } = createSimulated(
    {},
    ok,
    async (received, count) => {
      if (count === 1) await inTime;
      return count === 1 ? echo(received) : Response.json({ smartsheetHookResponse: received.body.challenge });
    },
  );
  const sheet = await createSheet();
  const webhook = await createWebhook(sheet.id);
  const enabling = enable(webhook.id);
  await until("a challenge has come", () => challenges.length > 0);
  assert.equal((await statusOf(webhook.id)).enabled, false);
  answer();
  assert.equal((await enabling).status, "ENABLED");
  const [{ headers, body }] = challenges as [typeof challenges[0]];
  assert.deepEqual(body, { challenge: headers.get("Smartsheet-Hook-Challenge"), webhookId: webhook.id });
  assert.equal(headers.get("Smartsheet-Hmac-SHA256"), null);

  const other = await createWebhook(sheet.id);
  assert.equal((await enable(other.id)).enabled, true);
  await enable(other.id);
  assert.equal(challenges.length, 2, "one that is enabled isn't challenged");
});

test("a challenge that isn't answered as it should be leaves the webhook disabled, with details", async () => {
  const answers: [() => Response, RegExp][] = [
    [() => new Response(null, { status: 500 }), /^Request returned HTTP status code 500 \(ref id: \w+\)$/],
    [() => new Response(null, { status: 204 }), /code 204/],
    [() => new Response("ok"), /did not echo/],
    [() => Response.json({ smartsheetHookResponse: "else" }), /did not echo/],
    [() => new Response(null, { status: 301, headers: { location: "http://127.0.0.1/" } }), /code 301/],
  ];
  let answer = answers[0]![0];
  const { createSheet, createWebhook, enable, statusOf } = createSimulated({}, ok, () => answer());
  const { id } = await createWebhook((await createSheet()).id);
  for (const [next, details] of answers) {
    answer = next;
    const result = await enable(id);
    assert.deepEqual([result.enabled, result.status], [false, "DISABLED_VERIFICATION_FAILED"]);
    assert.match(result.disabledDetails, details);
    assert.deepEqual(await statusOf(id), result);
  }
});

test("of an answer to a challenge only the beginning is read", async () => {
  let pulled = 0;
  const endless = () =>
    new ReadableStream({
      pull: (controller) => {
        if (++pulled > 1000) return controller.close();
        controller.enqueue(new Uint8Array(10_000).fill(97));
      },
    });
  const { createSheet, createWebhook, enable } = createSimulated(
    {},
    ok,
    (received, count) => new Response(endless(), { headers: count === 1 ? echo(received).headers : {} }),
  );
  const { id } = await createWebhook((await createSheet()).id);
  assert.equal((await enable(id)).status, "ENABLED");
  const other = await createWebhook((await createSheet()).id);
  assert.match((await enable(other.id)).disabledDetails, /did not echo/);
  assert.ok(pulled < 100, String(pulled));
});

test("a challenge waits no longer than timeoutMs", async () => {
  const never = new Promise<Response>(() => {});
  const { createSheet, createWebhook, enable } = createSimulated({ timeoutMs: 20 }, ok, () => never);
  const result = await enable((await createWebhook((await createSheet()).id)).id);
  assert.match(result.disabledDetails, /timed out/);
});

test("each status has its way back, or none", async () => {
  const { ask, call, createSheet, enabledWebhook, statusOf } = createSimulated();
  const { id } = await enabledWebhook((await createSheet()).id);
  const put = (status: string) => call("POST", `/_simulator/webhooks/${id}/status`, { status });
  const back = async () => {
    const { body } = await ask("PUT", `/2.0/webhooks/${id}`, { enabled: true });
    return body.errorCode ?? body.result.status;
  };
  const ways = {
    NEW_NOT_VERIFIED: "ENABLED",
    DISABLED_BY_OWNER: "ENABLED",
    DISABLED_VERIFICATION_FAILED: "ENABLED",
    DISABLED_CALLBACK_FAILED: "ENABLED",
    DISABLED_EXCEEDED_GRID_LIMITS: "ENABLED",
    DISABLED_SCOPE_INACCESSIBLE: "DISABLED_SCOPE_INACCESSIBLE",
    DISABLED_APP_REVOKED: 1153,
    DISABLED_ADMINISTRATIVE: 1154,
  };
  for (const [status, way] of Object.entries(ways)) {
    assert.equal((await put(status)).result.status, status);
    assert.equal(await back(), way, status);
  }
  await put("ENABLED");
  await call("PUT", `/2.0/webhooks/${id}`, { enabled: false });
  assert.equal((await statusOf(id)).status, "DISABLED_BY_OWNER");
  assert.equal((await ask("POST", `/_simulator/webhooks/${id}/status`, { status: "ASLEEP" })).body.errorCode, 1031);
});

test("only a lost and regained scope is announced", async () => {
  const { call, createSheet, enabledWebhook, callbacks, idle } = createSimulated();
  const { id } = await enabledWebhook((await createSheet()).id);
  for (const status of ["DISABLED_BY_OWNER", "ENABLED", "DISABLED_SCOPE_INACCESSIBLE", "ENABLED"]) {
    await call("POST", `/_simulator/webhooks/${id}/status`, { status });
  }
  await idle();
  assert.deepEqual(callbacks.map(({ body }) => body.newWebhookStatus), ["DISABLED_SCOPE_INACCESSIBLE", "ENABLED"]);
  assert.deepEqual(callbacks.map(({ body }) => "events" in body), [false, false]);
});

test("a status that can't be told stays what it is", async () => {
  const answer = () => new Response(null, { status: 204 });
  const { call, createSheet, enabledWebhook, callbacks, idle, statusOf } = createSimulated({}, answer);
  const { id } = await enabledWebhook((await createSheet()).id);
  await call("POST", `/_simulator/webhooks/${id}/status`, { status: "DISABLED_SCOPE_INACCESSIBLE" });
  await idle();
  assert.deepEqual([callbacks.length, (await statusOf(id)).status], [1, "DISABLED_SCOPE_INACCESSIBLE"]);
});

test("a sheet that is deleted is a scope that can't be reached", async () => {
  const { call, createSheet, enabledWebhook, callbacks, idle, statusOf } = createSimulated();
  const sheet = await createSheet();
  const { id } = await enabledWebhook(sheet.id);
  await call("DELETE", `/2.0/sheets/${sheet.id}`);
  await idle();
  assert.equal((await statusOf(id)).status, "DISABLED_SCOPE_INACCESSIBLE");
  assert.equal(callbacks.length, 1);
});

test("a webhook's URL, name and filters change, its scope doesn't", async () => {
  const { ask, call, createSheet, enabledWebhook, challenges } = createSimulated();
  const { id } = await enabledWebhook((await createSheet()).id);
  const changes = { name: "other", events: ["row.created"], callbackUrl: "http://localhost/other", version: 1 };
  const { result } = await call("PUT", `/2.0/webhooks/${id}`, changes);
  assert.deepEqual(
    [result.name, result.events, result.callbackUrl, result.status],
    ["other", ["row.created"], "http://localhost/other", "ENABLED"],
  );
  assert.deepEqual(challenges.map(({ url }) => url), ["http://127.0.0.1/webhook", "http://localhost/other"]);
  for (const fixed of [{ scopeObjectId: 1 }, { scope: "plan" }, { subscope: {} }]) {
    assert.equal((await ask("PUT", `/2.0/webhooks/${id}`, fixed)).body.errorCode, 1032);
  }
  const trusting = createSimulated({ assumptions: { changedUrl: "trust" } });
  const other = await trusting.enabledWebhook((await trusting.createSheet()).id);
  await trusting.call("PUT", `/2.0/webhooks/${other.id}`, { callbackUrl: "http://localhost/other" });
  assert.equal(trusting.challenges.length, 1);
});

test("a secret is replaced at once, and a deleted webhook is gone", async () => {
  const { ask, call, createSheet, enabledWebhook, statusOf } = createSimulated();
  const { id, sharedSecret } = await enabledWebhook((await createSheet()).id);
  const { result } = await call("POST", `/2.0/webhooks/${id}/resetsharedsecret`);
  assert.notEqual(result.sharedSecret, sharedSecret);
  assert.equal((await statusOf(id)).sharedSecret, result.sharedSecret);
  assert.deepEqual(await call("DELETE", `/2.0/webhooks/${id}`), { message: "SUCCESS", resultCode: 0 });
  assert.deepEqual((await ask("GET", `/2.0/webhooks/${id}`)).status, 404);
});

test("filters and columns choose the events", async () => {
  const { createSheet, createWebhook, enable, simulator, callbacks, idle } = createSimulated();
  const sheet = await createSheet();
  const [a, b] = sheet.columns;
  const urls: Record<string, Record<string, unknown>> = {
    created: { events: ["row.created", "comment.created"] },
    rows: { events: ["row.*"] },
    deleted: { events: ["*.deleted"] },
    column: { subscope: { columnIds: [b.id] } },
  };
  for (const [name, attributes] of Object.entries(urls)) {
    await enable((await createWebhook(sheet.id, { callbackUrl: `http://127.0.0.1/${name}`, ...attributes })).id);
  }
  const [id] = simulator.edit({ cells: [{ columnId: a.id, value: 1 }] }).rowIds;
  simulator.edit({ rowId: id!, cells: [{ columnId: b.id, value: 2 }] });
  simulator.edit({ comment: "done" });
  simulator.edit({ deleteRowIds: [id!] });
  await idle();
  const seen: Record<string, string[]> = {};
  for (const callback of callbacks) {
    (seen[new URL(callback.url).pathname.slice(1)] ??= []).push(...patternsOf(callback));
  }
  assert.deepEqual(seen, {
    created: ["row.created", "comment.created"],
    rows: ["row.created", "row.updated", "row.deleted"],
    deleted: ["row.deleted"],
    column: ["cell.created", "row.deleted"],
  });
});

test("webhooks with the same object, user, URL and columns collapse into the oldest", async () => {
  const run = async (differentEvents: "collapse" | "apart") => {
    const { createSheet, enabledWebhook, simulator, callbacks, idle } = createSimulated({
      assumptions: { differentEvents },
    });
    const sheet = await createSheet();
    const oldest = await enabledWebhook(sheet.id);
    const names = new Map([[oldest.id, "oldest"]]);
    names.set((await enabledWebhook(sheet.id)).id, "same");
    names.set((await enabledWebhook(sheet.id, { events: ["row.*"] })).id, "events");
    names.set((await enabledWebhook(sheet.id, { callbackUrl: "http://127.0.0.1/else" })).id, "url");
    names.set((await enabledWebhook(sheet.id, { subscope: { columnIds: [sheet.columns[0].id] } })).id, "columns");
    simulator.edit({ cells: [{ column: "A", value: 1 }] });
    await idle();
    return callbacks.map(({ body }) => names.get(body.webhookId)).sort();
  };
  assert.deepEqual(await run("collapse"), ["columns", "oldest", "url"]);
  assert.deepEqual(await run("apart"), ["columns", "events", "oldest", "url"]);
});

test("a webhook may watch the plan, and carries its own headers", async () => {
  const { call, enabledWebhook, simulator, callbacks, challenges, idle } = createSimulated();
  const { planId } = await call("GET", "/_simulator");
  await enabledWebhook(planId, { scope: "plan", customHeaders: { "X-Ours": "yes" } });
  simulator.edit({ sheetId: planId, events: [{ objectType: "user", eventType: "seatType.updated", id: 7 }] });
  await idle();
  assert.deepEqual(patternsOf(callbacks[0]!), ["user.seatType.updated"]);
  assert.deepEqual([callbacks, challenges].map(([received]) => received!.headers.get("X-Ours")), ["yes", "yes"]);
});

test("a webhook that failed its challenge is enabled again, or is assumed to be lost", async () => {
  for (const failedVerification of ["enable", "stays"] as const) {
    const { createSheet, createWebhook, enable } = createSimulated(
      { assumptions: { failedVerification } },
      ok,
      (received, count) => count === 1 ? new Response(null, { status: 500 }) : echo(received),
    );
    const { id } = await createWebhook((await createSheet()).id);
    assert.equal((await enable(id)).status, "DISABLED_VERIFICATION_FAILED");
    const { status } = await enable(id);
    assert.equal(status, failedVerification === "enable" ? "ENABLED" : "DISABLED_VERIFICATION_FAILED");
  }
});
