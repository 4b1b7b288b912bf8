import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { createApi } from "../../../../src/api/api.ts";
import { fileSecretsStore } from "../../../../src/cli/secrets/store.ts";
import { applyPlan } from "../../../../src/cli/webhooks/fleet/apply_plan.ts";
import { parseFleet } from "../../../../src/cli/webhooks/fleet/parse_fleet.ts";
import { preparePlan } from "../../../../src/cli/webhooks/fleet/prepare.ts";
import { createSimulator } from "../../../../src/simulator/simulator.ts";
import { freshToken } from "../../../api/fake_smartsheet.ts";
import { createLog } from "../../../support/callbacks.ts";
import { withFolder } from "../../../support/run_cli.ts";

test("webhooks apply makes 1,000 webhooks within the budget of a token, in about 7 minutes of Smartsheet's clock", async () => {
  await withFolder(async (folder) => {
    const clock = { now: Date.now() };
    const simulator = createSimulator({
      seed: 1,
      requestsPerMinute: 300,
      now: () => clock.now,
      fetch: (_url, { body }) => Promise.resolve(Response.json({ smartsheetHookResponse: challengeIn(body) })),
    });
    const workspace = simulator.createWorkspace("Sales");
    for (let folder = 0; folder < 10; folder++) {
      const folderId = simulator.createFolder(`F${folder}`, { workspaceId: workspace });
      for (let n = 0; n < 100; n++) simulator.createSheet(`S${n}`, ["A"], [], { folderId });
    }
    let requests = 0;
    let refused = 0;
    let underWay = 0;
    const wakeUps: number[] = [];
    const api = createApi({
      token: freshToken(),
      logger: createLog(),
      now: () => clock.now,
      async sleep(ms) {
        const until = clock.now + ms;
        wakeUps.push(until);
        // The clock goes on when nothing else does, to whoever wakes up first.
        while (clock.now < until) {
          await nextTurn();
          if (!underWay && Math.min(...wakeUps) === until) clock.now = until;
        }
        wakeUps.splice(wakeUps.indexOf(until), 1);
      },
      async fetch(request) {
        requests++;
        underWay++;
        const response = await simulator.fetch(request);
        underWay--;
        if (response.status === 429) refused++;
        return response;
      },
    });
    const file = JSON.stringify({
      name: "all",
      defaults: { callbackUrl: "http://127.0.0.1/webhook" },
      entries: [{ workspace }],
    });
    const fleet = parseFleet(file, "fleet.json");
    const apis = new Map([["default", api]]);
    const store = fileSecretsStore(join(folder, "secrets.json"));
    const actions: string[] = [];
    const problems: string[] = [];
    const apply = async () => {
      const plan = await preparePlan(fleet, apis, await store.read());
      await applyPlan({
        ...{ plan, fleet: fleet.name, apis, store, call: {} },
        onDone: ({ action }) => actions.push(action),
        onProblem: ({ message }) => problems.push(message),
      });
      problems.push(...plan.problems.map(({ message }) => message));
    };

    const start = clock.now;
    await apply();
    const minutes = (clock.now - start) / 60_000;
    assert.deepEqual([actions.length, new Set(actions), problems], [1000, new Set(["make"]), []]);
    assert.equal((await store.read()).size, 1000);
    // 11 lists of children, 1 of webhooks; 2 for each sheet; 2 lists for each 50.
    assert.equal(requests, 2052);
    assert.equal(refused, 0);
    assert.ok(minutes > 5 && minutes < 8, `${minutes} minutes`);

    requests = 0;
    await apply();
    assert.deepEqual([actions.length, requests], [1000, 12]);
  });
});

function challengeIn(body: unknown): string {
  const text = typeof body === "string" ? body : new TextDecoder().decode(body as Uint8Array);
  return JSON.parse(text).challenge;
}
