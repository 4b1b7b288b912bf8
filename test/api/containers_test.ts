import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createApi } from "../../src/api/api.ts";
import { createSimulator } from "../../src/simulator/simulator.ts";
import { createFakeSmartsheet, freshToken } from "./fake_smartsheet.ts";

describe("workspaces and folders", () => {
  it("are read page by page, by lastKey", async () => {
    const simulator = createSimulator({ seed: 1 });
    const workspaceId = simulator.createWorkspace("Sales");
    const folderId = simulator.createFolder("2026", { workspaceId });
    const sheetIds = Array.from(
      { length: 1001 },
      (_, n) => simulator.createSheet(`S${n}`, ["A"], [], { workspaceId }).sheetId,
    );
    const inFolder = simulator.createSheet("Inner", ["A"], [], { folderId }).sheetId;
    const seen: string[] = [];
    const api = createApi({
      token: freshToken(),
      fetch: (request) => {
        seen.push(new URL(request.url).search);
        return simulator.fetch(request);
      },
    });
    assert.deepEqual((await Array.fromAsync(api.workspaces.list())).map(({ name }) => name), ["Sales"]);
    seen.length = 0;
    const children = await Array.fromAsync(api.workspaces.children(workspaceId, { types: ["sheets", "folders"] }));
    assert.deepEqual(children.map(({ id }) => id), [...sheetIds, folderId]);
    assert.deepEqual(children.at(-1)!.resourceType, "folder");
    assert.deepEqual(seen.map((search) => search.includes("lastKey=")), [false, true]);
    const [inner] = await Array.fromAsync(api.folders.children(folderId));
    assert.deepEqual([inner!.id, inner!.name, inner!.resourceType], [inFolder, "Inner", "sheet"]);
    await assert.rejects(Array.fromAsync(api.folders.children(workspaceId)), { errorCode: 1006 });
  });

  it("end with an error if a lastKey comes again", async () => {
    const { api } = createFakeSmartsheet([() => Response.json({ data: [{ id: 1 }], lastKey: "same" })]);
    await assert.rejects(Array.fromAsync(api.workspaces.children(1)), /repeats its lastKey, and never ends/);
  });

  it("end at a lastKey that is null", async () => {
    const { api, seen } = createFakeSmartsheet([() => Response.json({ data: [{ id: 1 }], lastKey: null })]);
    assert.equal((await Array.fromAsync(api.folders.children(7))).length, 1);
    assert.deepEqual(seen.map(({ call }) => call), ["GET /2.0/folders/7/children?maxItems=1000"]);
  });
});
