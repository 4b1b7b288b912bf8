import assert from "node:assert/strict";
import { test } from "node:test";
import type { Assumptions } from "../../../src/simulator/simulator.ts";
import { createSimulated } from "../../support/simulated.ts";

const STRANGER = "eve@example.com";
const headers = { authorization: "Bearer eve" };

function createShared(assumptions: Partial<Assumptions> = {}) {
  const simulated = createSimulated({ users: { eve: STRANGER }, assumptions });
  const { sheetId, rowIds, columnIds } = simulated.simulator.createSheet("Orders", ["Item"], [["Rope"]]);
  return {
    ...simulated,
    sheetId,
    columnIds,
    path: `/2.0/sheets/${sheetId}`,
    row: `/2.0/sheets/${sheetId}/rows/${rowIds[0]}`,
  };
}

test("a user without access gets 404, or 403 if it is assumed, and nobody else does", async () => {
  for (const [noAccess, expected] of [["not-found", [404, 1006]], ["refused", [403, 1004]]] as const) {
    const { simulator, ask, call, path, row, sheetId, columnIds } = createShared({ noAccess });
    assert.equal((await call("GET", path, undefined, headers)).accessLevel, "OWNER");
    simulator.setAccess(sheetId, STRANGER, "NONE");
    const cells = [{ columnId: columnIds.Item, value: 1 }];
    const asked: [method: string, path: string, body?: unknown][] = [
      ["GET", path],
      ["GET", row],
      ["GET", `${path}/version`],
      ["GET", `${path}/columns`],
      ["POST", `${path}/rows`, { cells }],
      ["DELETE", path],
    ];
    for (const [method, path, body] of asked) {
      const answer = await ask(method, path, body, headers);
      assert.deepEqual([answer.status, answer.body.errorCode], expected, `${method} ${path}`);
    }
    assert.deepEqual((await call("GET", "/2.0/sheets", undefined, headers)).data, []);
    assert.equal((await call("GET", path)).rows.length, 1);
  }
});

test("a viewer reads, and may change nothing", async () => {
  const { call, ask, path, sheetId } = createShared();
  await call("POST", `/_simulator/sheets/${sheetId}/access`, { user: STRANGER, access: "VIEWER" });
  assert.equal((await call("GET", path, undefined, headers)).accessLevel, "VIEWER");
  const { status, body } = await ask("PUT", path, { name: "Mine" }, headers);
  assert.deepEqual([status, body.errorCode], [403, 1004]);
  await call("POST", `/_simulator/sheets/${sheetId}/access`, { user: STRANGER, access: "EDITOR" });
  await call("PUT", path, { name: "Mine" }, headers);
  for (const body of [{ user: STRANGER, access: "SOME" }, { access: "NONE" }]) {
    assert.equal((await ask("POST", `/_simulator/sheets/${sheetId}/access`, body)).body.errorCode, 1031);
  }
});

test("a webhook whose owner has lost access is disabled, says so, and comes back with the access", async () => {
  const { simulator, sheetId, enabledWebhook, statusOf, idle, callbacks, ask } = createShared();
  const { id } = await enabledWebhook(sheetId);
  simulator.setAccess(sheetId, STRANGER, "NONE");
  assert.equal((await statusOf(id)).status, "ENABLED", "another user");
  simulator.setAccess(sheetId, "owner@example.com", "NONE");
  assert.equal((await statusOf(id)).status, "DISABLED_SCOPE_INACCESSIBLE");
  const body = {
    name: "n",
    callbackUrl: "http://127.0.0.1/",
    scope: "sheet",
    scopeObjectId: sheetId,
    events: ["*.*"],
    version: 1,
  };
  assert.equal((await ask("POST", "/2.0/webhooks", body)).body.errorCode, 1151);
  simulator.setAccess(sheetId, "owner@example.com", "VIEWER");
  assert.equal((await statusOf(id)).status, "ENABLED");
  await idle();
  assert.deepEqual(callbacks.map(({ body }) => body.newWebhookStatus), ["DISABLED_SCOPE_INACCESSIBLE", "ENABLED"]);
});
