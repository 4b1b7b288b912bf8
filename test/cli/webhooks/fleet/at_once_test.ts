import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { createApi } from "../../../../src/api/api.ts";
import { fileSecretsStore } from "../../../../src/cli/secrets/store.ts";
import { applyPlan } from "../../../../src/cli/webhooks/fleet/apply_plan.ts";
import { parseFleet } from "../../../../src/cli/webhooks/fleet/parse_fleet.ts";
import { preparePlan } from "../../../../src/cli/webhooks/fleet/prepare.ts";
import { freshToken } from "../../../api/fake_smartsheet.ts";
import { createLog } from "../../../support/callbacks.ts";
import { withFolder } from "../../../support/run_cli.ts";
import { createSimulated } from "../../../support/simulated.ts";

test("webhooks apply makes nothing twice if two have made the same plan and apply it at once", async () => {
  for (const isOneFile of [true, false]) {
    await withFolder(async (folder) => {
      const { simulator, call } = createSimulated();
      const sheets = Array.from({ length: 60 }, (_, n) => simulator.createSheet(`S${n}`, ["A"]).sheetId);
      const defaults = { callbackUrl: "http://127.0.0.1/webhook" };
      const fleet = parseFleet(JSON.stringify({ name: "all", defaults, entries: [{ sheets }] }), "fleet.json");
      const stores = ["a", isOneFile ? "a" : "b"].map((name) => fileSecretsStore(join(folder, name)));
      const apply = stores.map(async (store) => {
        const api = createApi({ token: freshToken(), logger: createLog(), fetch: simulator.fetch });
        const apis = new Map([["default", api]]);
        const plan = await preparePlan(fleet, apis, new Map());
        return { plan, apis, store };
      });
      const outcomes: string[] = [];
      await Promise.all((await Promise.all(apply)).map(({ plan, apis, store }) => {
        assert.deepEqual(new Set(plan.steps.map(({ action }) => action)), new Set(["make"]));
        return applyPlan({
          ...{ plan, apis, store, fleet: fleet.name, call: {} },
          onDone: ({ sheetId }) => outcomes.push(`done ${sheetId}`),
          onProblem: ({ message }) => outcomes.push(message),
        });
      }));
      assert.deepEqual(outcomes.sort(), [...sheets, ...sheets].map((id) => `done ${id}`).sort());
      const { data } = await call("GET", "/2.0/webhooks?pageSize=1000");
      assert.deepEqual(data.map(({ scopeObjectId }: { scopeObjectId: number }) => scopeObjectId).sort(), sheets.sort());
      const [first, second] = await Promise.all(stores.map((store) => store.read()));
      for (const { id, status, sharedSecret } of data) {
        assert.equal(status, "ENABLED");
        const stored = [...first!.get(id) ?? [], ...second!.get(id) ?? []].map(({ secret }) => secret);
        assert.ok(stored.includes(sharedSecret), `the secret of webhook ${id} is stored`);
      }
    });
  }
});
