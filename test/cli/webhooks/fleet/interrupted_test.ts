import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readSecretsByWebhook } from "../../../../src/secrets_file/stored_secrets.ts";
import { startCli, withServe } from "../../../support/run_cli.ts";
import { type SimulatedAccount, withAccount, writeFleet } from "../../../support/simulated_account.ts";
import { createCalls } from "../../../support/simulated.ts";

const SHEETS = 12;

/** Holds back the answer to one call for ever: it has been carried out, but nobody is told. */
function createHold(method: string, count: number) {
  const reached = Promise.withResolvers<void>();
  let left = count;
  const afterCall = (call: string, answer: Response) => {
    if (!call.startsWith(method) || --left !== 0) return answer;
    reached.resolve();
    return new Response(new ReadableStream());
  };
  const reachedBefore = (exited: Promise<unknown>) =>
    Promise.race([
      reached.promise,
      exited.then(() => assert.fail(`it ended before ${method} was called ${count} times`)),
    ]);
  return { reachedBefore, afterCall };
}

function createSheets({ simulator }: SimulatedAccount): number[] {
  return Array.from({ length: SHEETS }, (_, n) => simulator.createSheet(`S${n}`, ["A"]).sheetId);
}

/** Each sheet has one webhook, which is enabled, and whose secret is stored. */
async function checkAll({ simulator, file }: SimulatedAccount, sheets: readonly number[]): Promise<void> {
  const { data } = await createCalls(simulator).call("GET", "/2.0/webhooks?pageSize=1000");
  const sheetsOf = data.map(({ scopeObjectId }: { scopeObjectId: number }) => scopeObjectId);
  assert.deepEqual(sheetsOf.sort(), [...sheets].sort(), "one webhook for each sheet");
  const stored = readSecretsByWebhook(file);
  for (const { id, status, sharedSecret } of data) {
    assert.equal(status, "ENABLED");
    assert.ok(stored.get(id)?.some(({ secret }) => secret === sharedSecret), `the secret of webhook ${id} is stored`);
  }
}

describe("webhooks apply, interrupted", () => {
  const moments = [
    ["the first webhook was made", "POST /2.0/webhooks", 1, true],
    ["some webhooks were made", "POST /2.0/webhooks", 7, true],
    ["the last webhook was made", "POST /2.0/webhooks", SHEETS, false],
    ["it looked for doubles", "GET /2.0/webhooks", 2, true],
    ["the first one was enabled", "PUT /2.0/webhooks/", 1, true],
    ["some were enabled", "PUT /2.0/webhooks/", 7, true],
  ] as const;
  for (const [moment, method, count, hidesSecrets] of moments) {
    it(`by a kill after ${moment}, goes on without doubles and with every secret`, async () => {
      const { reachedBefore, afterCall } = createHold(method, count);
      await withAccount(async (account) => {
        const { options, run } = account;
        const sheets = createSheets(account);
        await withServe([], options, async ({ url }) => {
          const file = await writeFleet(account, [{ sheets }], url);
          const child = await startCli(["webhooks", "apply", file, "--yes"], { ...options, ready: /(would make)/ });
          await reachedBefore(child.exited);
          await child.kill();
          const again = await run("webhooks", "apply", file, "--yes");
          assert.equal(again.code, 0, again.stderr);
          await checkAll(account, sheets);
          assert.match((await run("webhooks", "apply", file)).stderr, /^unchanged 12\n$/);
        });
      }, { afterCall, hidesSecrets });
    });
  }

  it("by a signal, says how far it has come", async () => {
    const { reachedBefore, afterCall } = createHold("PUT /2.0/webhooks/", 5);
    await withAccount(async (account) => {
      const { options, run } = account;
      const sheets = createSheets(account);
      await withServe([], options, async ({ url }) => {
        const file = await writeFleet(account, [{ sheets }], url);
        const child = await startCli(["webhooks", "apply", file, "--yes"], { ...options, ready: /(would make)/ });
        await reachedBefore(child.exited);
        assert.equal(await child.stop(), 1);
        assert.match(child.output, /sheethook: SIGTERM: stopped with \d+ of 12 sheets done: run it again to go on\n/);
        assert.equal((await run("webhooks", "apply", file, "--yes")).code, 0);
        await checkAll(account, sheets);
      });
    }, { afterCall });
  });

  it("makes nothing twice if two run at once", async () => {
    await withAccount(async (account) => {
      const { options, run } = account;
      const sheets = createSheets(account);
      await withServe([], options, async ({ url }) => {
        const file = await writeFleet(account, [{ sheets }], url);
        const both = await Promise.all([1, 2, 3].map(() => run("webhooks", "apply", file, "--yes")));
        assert.deepEqual(both.map(({ code }) => code), [0, 0, 0], both.map(({ stderr }) => stderr).join("\n"));
        await checkAll(account, sheets);
        assert.match((await run("webhooks", "apply", file)).stderr, /^unchanged 12\n$/);
      });
    });
  });
});
