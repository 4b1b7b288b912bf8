import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import smartsheet from "smartsheet";
import { startServer } from "../../../src/cli/server_adapter.ts";
import type { Server } from "../../../src/serve/options.ts";
import { createSimulator, type Simulator } from "../../../src/simulator/simulator.ts";

// The judge: Smartsheet's own SDK takes the simulator for Smartsheet.
describe("the official SDK", () => {
  // deno-lint-ignore no-explicit-any
  let client: any, sheet: any, webhook: any;
  let simulator: Simulator, api: Server, receiver: Server;
  // deno-lint-ignore no-explicit-any
  const callbacks: any[] = [];

  before(async () => {
    simulator = createSimulator({ debounceMs: 5, seed: 4 });
    api = await startServer({ fetch: simulator.fetch, port: 0, hostname: "127.0.0.1", path: "*" });
    receiver = await startServer({
      port: 0,
      hostname: "127.0.0.1",
      fetch: async (request) => {
        const challenge = request.headers.get("smartsheet-hook-challenge");
        if (challenge) return Response.json({ smartsheetHookResponse: challenge });
        callbacks.push(await request.json());
        return new Response();
      },
    });
    client = smartsheet.createClient({ accessToken: "any", baseUrl: `${api.url}/2.0/` });
  });
  after(async () => {
    simulator.stop();
    await Promise.all([api.stop(), receiver.stop()]);
  });

  it("creates a sheet and finds it", async () => {
    const columns = [
      { title: "Item", type: "TEXT_NUMBER", primary: true },
      { title: "State", type: "PICKLIST", options: ["open", "done", "gone"] },
    ];
    const created = await client.sheets.createSheet({ body: { name: "Orders", columns } });
    assert.equal(created.message, "SUCCESS");
    sheet = created.result;
    assert.deepEqual(sheet.columns.map(({ title }: { title: string }) => title), ["Item", "State"]);
    const { data, totalCount } = await client.sheets.listSheets({});
    assert.deepEqual([data[0].id, totalCount], [sheet.id, 1]);
    assert.deepEqual(await client.sheets.getSheetVersion({ sheetId: sheet.id }), { version: 1 });
  });

  it("creates a webhook, which isn't verified yet", async () => {
    const body = {
      name: "Orders",
      callbackUrl: receiver.url,
      scope: "sheet",
      scopeObjectId: sheet.id,
      events: ["*.*"],
      version: 1,
    };
    const created = await client.webhooks.createWebhook({ body });
    webhook = created.result;
    assert.equal(webhook.status, "NEW_NOT_VERIFIED");
    assert.equal(webhook.enabled, false);
    assert.match(webhook.sharedSecret, /^[0-9a-z]{25,26}$/);
  });

  it("enables it, by a challenge", async () => {
    const updated = await client.webhooks.updateWebhook({ webhookId: webhook.id, body: { enabled: true } });
    assert.equal(updated.result.status, "ENABLED");
    assert.deepEqual(simulator.deliveries().map(({ kind, status }) => [kind, status]), [["challenge", 200]]);
  });

  it("lists and gets it", async () => {
    const { data, totalCount, totalPages } = await client.webhooks.listWebhooks({ queryParameters: { pageSize: 10 } });
    assert.deepEqual([data.length, data[0].id, totalCount, totalPages], [1, webhook.id, -1, -1]);
    assert.equal((await client.webhooks.getWebhook({ webhookId: webhook.id })).name, "Orders");
  });

  it("resets its secret", async () => {
    const { result } = await client.webhooks.resetSharedSecret({ webhookId: webhook.id });
    assert.notEqual(result.sharedSecret, webhook.sharedSecret);
    assert.equal((await client.webhooks.getWebhook({ webhookId: webhook.id })).sharedSecret, result.sharedSecret);
  });

  it("adds, changes and deletes rows, with a change agent or without", async () => {
    const [item, state] = sheet.columns.map(({ id }: { id: number }) => id);
    const added = await client.sheets.addRows({
      sheetId: sheet.id,
      body: [
        { toBottom: true, cells: [{ columnId: item, value: "Rope" }] },
        { toBottom: true, cells: [{ columnId: item, value: "Tar" }] },
      ],
    });
    assert.deepEqual([added.message, added.resultCode, added.result.length], ["SUCCESS", 0, 2]);
    const [{ id }, other] = added.result;
    await simulator.idle();
    const update = async (value: string, options: Record<string, unknown>) => {
      callbacks.length = 0;
      const body = [{ id, cells: [{ columnId: state, value }] }];
      const { result } = await client.sheets.updateRow({ sheetId: sheet.id, body, ...options });
      assert.deepEqual(result[0].cells[1], { columnId: state, value, displayValue: value });
      await simulator.idle();
      return callbacks.flatMap(({ events }) => events.map(({ changeAgent }: { changeAgent?: string }) => changeAgent));
    };
    const properties = { customProperties: { "Smartsheet-Change-Agent": "theirs,ours" } };
    assert.deepEqual(await update("open", properties), Array(3).fill("theirs,ours"));
    assert.deepEqual(await update("done", { changeAgent: "ours" }), Array(3).fill("ours"));
    assert.deepEqual(await update("gone", {}), Array(3).fill(undefined));

    const row = await client.sheets.getRow({ sheetId: sheet.id, rowId: id });
    assert.deepEqual(row.cells.map(({ value }: { value: string }) => value), ["Rope", "gone"]);
    const history = await client.sheets.getCellHistory({ sheetId: sheet.id, rowId: id, columnId: state });
    assert.deepEqual(history.data.map(({ value }: { value: string }) => value), ["gone", "done", "open"]);
    const found = await client.sheets.getSheet({
      sheetId: sheet.id,
      queryParameters: { rowIds: `${other.id}`, columnIds: `${item}` },
    });
    assert.deepEqual(found.rows.map(({ cells }: { cells: unknown }) => cells), [[
      { columnId: item, value: "Tar", displayValue: "Tar" },
    ]]);
    const deleted = await client.sheets.deleteRows({ sheetId: sheet.id, queryParameters: { ids: [id, other.id] } });
    assert.deepEqual(deleted.result, [id, other.id]);
  });

  it("reads a sheet as it wants it: by pages, versions, types and writers", async () => {
    const [item] = sheet.columns.map(({ id }: { id: number }) => id);
    const body = ["Oar", "Sail", "Mast"].map((value) => ({ cells: [{ columnId: item, value }] }));
    const { result, version } = await client.sheets.addRows({ sheetId: sheet.id, body });
    const read = (queryParameters: Record<string, unknown>) =>
      client.sheets.getSheet({ sheetId: sheet.id, queryParameters });
    const page = await read({ pageSize: 2, page: 9, level: 2, include: "objectValue,columnType,writerInfo" });
    assert.deepEqual([page.totalRowCount, page.rows.length, page.rows[0].id], [3, 1, result[2].id]);
    const [cell] = page.rows[0].cells;
    assert.deepEqual([cell.objectValue, cell.columnType], ["Mast", "TEXT_NUMBER"]);
    assert.match(page.rows[0].modifiedBy.email, /@/);
    const sparse = await read({ exclude: "nonexistentCells" });
    assert.deepEqual(sparse.rows.map(({ cells }: { cells: unknown[] }) => cells.length), [1, 1, 1]);
    assert.deepEqual(await read({ ifVersionAfter: version }), { version });
    assert.deepEqual((await read({ rowsModifiedSince: new Date(Date.now() + 1000).toISOString() })).rows, []);
    await client.sheets.deleteRows({
      sheetId: sheet.id,
      queryParameters: { ids: result.map(({ id }: { id: number }) => id) },
    });
  });

  it("gets an error for a URL that is too long", async () => {
    const queryParameters = { rowIds: Array(500).fill(sheet.id).join() };
    await assert.rejects(client.sheets.getSheet({ sheetId: sheet.id, queryParameters }), { statusCode: 414 });
  });

  it("comments and attaches", async () => {
    const { result: { comments: [{ id: commentId }], id: discussionId } } = await client.sheets.createDiscussion({
      sheetId: sheet.id,
      body: { comment: { text: "Where is it?" } },
    });
    const reply = { sheetId: sheet.id, discussionId, body: { text: "Here" } };
    assert.equal((await client.sheets.addDiscussionComment(reply)).result.text, "Here");
    await client.sheets.deleteComment({ sheetId: sheet.id, commentId });
    const attachment = { name: "map", url: "https://example.com/map", attachmentType: "LINK" };
    const attached = await client.sheets.addUrlAttachment({ sheetId: sheet.id, body: attachment });
    assert.equal(attached.result.name, "map");
  });

  it("knows who it is", async () => {
    assert.match((await client.users.getCurrentUser()).email, /@/);
  });

  it("gets errors as it knows them", async () => {
    const failure = async (promise: Promise<unknown>) => {
      const error = await promise.then(() => assert.fail("it should fail"), (error) => error);
      assert.match(error.refId, /^\w+$/);
      return [error.statusCode, error.errorCode];
    };
    assert.deepEqual(await failure(client.webhooks.getWebhook({ webhookId: 1 })), [404, 1006]);
    const body = { ...webhook, callbackUrl: "http://example.com/hook" };
    for (const name of ["id", "enabled", "status", "sharedSecret", "createdAt", "modifiedAt"]) delete body[name];
    assert.deepEqual(await failure(client.webhooks.createWebhook({ body })), [400, 1152]);
    body.callbackUrl = "https://example.com/hook";
    const nowhere = { ...body, scopeObjectId: 1 };
    assert.deepEqual(await failure(client.webhooks.createWebhook({ body: nowhere })), [400, 1151]);
    const nobody = smartsheet.createClient({ accessToken: " ", baseUrl: `${api.url}/2.0/` });
    assert.deepEqual(await failure(nobody.webhooks.listWebhooks({})), [401, 1001]);
  });

  it("waits and asks again after a 429", async () => {
    const strict = createSimulator({ requestsPerMinute: 1, now: () => clock });
    let clock = 0;
    const door = await startServer({ fetch: strict.fetch, port: 0, hostname: "127.0.0.1", path: "*" });
    try {
      const patient = smartsheet.createClient({
        accessToken: "any",
        baseUrl: `${door.url}/2.0/`,
        // deno-lint-ignore no-explicit-any
        ...{ calcRetryBackoff: (_: number, { errorCode }: any) => (clock += 60_000, errorCode === 4003 ? 1 : -1) },
      });
      assert.deepEqual((await patient.webhooks.listWebhooks({})).data, []);
      assert.deepEqual((await patient.webhooks.listWebhooks({})).data, []);
      assert.equal(clock, 60_000);
    } finally {
      await door.stop();
    }
  });

  it("deletes the webhook", async () => {
    await client.webhooks.deleteWebhook({ webhookId: webhook.id });
    assert.deepEqual((await client.webhooks.listWebhooks({})).data, []);
  });
});
