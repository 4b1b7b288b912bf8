import assert from "node:assert/strict";
import { test } from "node:test";
import { withServe } from "../../support/run_cli.ts";
import { withAccount } from "../../support/simulated_account.ts";

const cells = (value: string) => [{ column: "Item", value }];

test("serve --watch has the sheet of a webhook that was disabled compared, once it is enabled", async () => {
  await withAccount(async ({ simulator, sheetId, options, run, setStatus, api }) => {
    const args = ["--watch", "--watch-every", "1s"];
    await withServe(args, options, async (serve) => {
      assert.equal((await run("webhooks", "create", String(sheetId), serve.url)).code, 0);
      simulator.edit({ sheetId, cells: cells("Rope") });
      await serve.waitFor(/created.*Rope/);
      let webhookId: number | undefined;
      for await (const { id } of api.webhooks.list()) webhookId = id;
      await setStatus(webhookId!, "DISABLED_CALLBACK_FAILED");
      simulator.edit({ sheetId, cells: cells("Saw") });
      await serve.waitFor(/"Orders" \(reason: disabled\) was compared with its mirror: 1 row created/);
      await serve.waitFor(/created.*Saw/);
      assert.match(serve.output, /is enabled again[\s\S]+was compared/);
      assert.doesNotMatch(serve.output, /hiddentoken/);
    });
  });
});

test("serve --reconcile-every has each sheet compared that its handlers ask for", async () => {
  await withAccount(async ({ simulator, sheetId, options, run }) => {
    const args = ["--reconcile-every", "1s", "--canary-every", "off"];
    await withServe(args, options, async (serve) => {
      assert.equal((await run("webhooks", "create", String(sheetId), serve.url)).code, 0);
      simulator.edit({ sheetId, cells: cells("Rope") });
      await serve.waitFor(/created.*Rope/);
      simulator.setSilent(sheetId, true);
      simulator.edit({ sheetId, cells: cells("Saw") });
      await serve.waitFor(/"Orders" \(reason: scheduled\) was compared with its mirror: 1 row created/);
      await serve.waitFor(/created.*Saw/);
    });
  });
});
