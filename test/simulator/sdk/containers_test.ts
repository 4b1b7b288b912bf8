import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import smartsheet from "smartsheet";
import { startServer } from "../../../src/cli/server_adapter.ts";
import type { Server } from "../../../src/serve/options.ts";
import { createSimulator, type Simulator } from "../../../src/simulator/simulator.ts";

// deno-lint-ignore no-explicit-any
type Any = any;

// The judge: Smartsheet's own SDK finds its way through workspaces and folders.
describe("the official SDK, with workspaces and folders", () => {
  let client: Any, api: Server, simulator: Simulator, workspaceId: number, folderId: number;
  const columns = [{ title: "Item", type: "TEXT_NUMBER", primary: true }];
  const names = (list: Any[]) => list.map(({ name, resourceType }) => `${resourceType} ${name}`);

  before(async () => {
    simulator = createSimulator({ seed: 4 });
    api = await startServer({ fetch: simulator.fetch, port: 0, hostname: "127.0.0.1", path: "*" });
    client = smartsheet.createClient({ accessToken: "any", baseUrl: `${api.url}/2.0/` });
  });
  after(() => api.stop());

  it("creates a workspace, folders in folders, and sheets in both", async () => {
    const workspace = await client.workspaces.createWorkspace({ body: { name: "Sales" } });
    workspaceId = workspace.result.id;
    const folder = await client.workspaces.createFolder({ workspaceId, body: { name: "2026" } });
    folderId = folder.result.id;
    const inner = await client.folders.createChildFolder({ folderId, body: { name: "May" } });
    const body = { name: "Orders", columns };
    const sheet = await client.sheets.createSheetInWorkspace({ workspaceId, body });
    assert.equal(sheet.result.columns[0].title, "Item");
    await client.sheets.createSheetInFolder({ folderId: inner.result.id, body: { ...body, name: "Offers" } });

    const { data } = await client.workspaces.listWorkspaces({});
    assert.deepEqual(data.map(({ id, name, accessLevel }: Any) => [id, name, accessLevel]), [
      [workspaceId, "Sales", "OWNER"],
    ]);
    assert.equal((await client.workspaces.getWorkspaceMetadata({ workspaceId })).name, "Sales");
    assert.equal((await client.folders.getFolderMetadata({ folderId })).name, "2026");
    const top = await client.workspaces.getWorkspaceChildren({ workspaceId });
    assert.deepEqual(names(top.data), ["sheet Orders", "folder 2026"]);
    assert.equal("lastKey" in top, false);
    const nested = await client.folders.getFolderChildren({ folderId: inner.result.id });
    assert.deepEqual(names(nested.data), ["sheet Offers"]);
  });

  it("pages children by lastKey, and filters them by type", async () => {
    for (let n = 0; n < 149; n++) simulator.createSheet(`S${n}`, ["A"], [], { workspaceId });
    const read = (queryParameters: Any) => client.workspaces.getWorkspaceChildren({ workspaceId, queryParameters });
    const first = await read({});
    const second = await read({ lastKey: first.lastKey });
    assert.deepEqual([first.data.length, second.data.length, second.lastKey], [100, 51, undefined]);
    assert.deepEqual(names((await read({ childrenResourceTypes: "folders" })).data), ["folder 2026"]);
    await assert.rejects(read({ maxItems: 150 }), { statusCode: 400, errorCode: 1018 });
    await assert.rejects(read({ childrenResourceTypes: "cells" }), { statusCode: 400, errorCode: 1018 });
  });

  it("moves a sheet, and sees none that it has no access to", async () => {
    const { sheetId } = simulator.createSheet("Moving", ["A"]);
    await client.sheets.moveSheet({ sheetId, body: { destinationType: "folder", destinationId: folderId } });
    const children = async () => names((await client.folders.getFolderChildren({ folderId })).data);
    assert.deepEqual(await children(), ["sheet Moving", "folder May"]);
    simulator.setAccess(sheetId, "owner@example.com", "NONE");
    assert.deepEqual(await children(), ["folder May"]);
  });

  it("gets the API errors for what isn't there, and for the calls that are gone", async () => {
    await assert.rejects(client.folders.getFolderChildren({ folderId: workspaceId }), { errorCode: 1006 });
    await assert.rejects(client.workspaces.createFolder({ workspaceId, body: {} }), { errorCode: 1012 });
    for (const path of [`workspaces/${workspaceId}`, `folders/${folderId}`]) {
      const response = await fetch(`${api.url}/2.0/${path}`, { headers: { authorization: "Bearer any" } });
      assert.deepEqual([response.status, (await response.json()).errorCode], [404, 1006]);
    }
  });
});
