import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { signBody } from "../../../src/receive/signature.ts";
import { startTarget, withTarget } from "../../forward/start_target.ts";
import { callbackBody, SECRET } from "../../support/callbacks.ts";
import { runCli, startServe, withFolder, withServe } from "../../support/run_cli.ts";
import { withAccount } from "../../support/simulated_account.ts";
import { until } from "../../support/until.ts";

/** There is none. */
const SECRETS_FILE = join(tmpdir(), "sheethook-alerts-no-secrets.json");
const env = { SHEETHOOK_SECRET: SECRET, SHEETHOOK_SECRETS_FILE: SECRETS_FILE };

async function post(url: string, attributes: Record<string, unknown> = {}): Promise<void> {
  const body = callbackBody(attributes);
  const headers = { "Smartsheet-Hmac-SHA256": await signBody(body, SECRET) };
  const response = await fetch(url, { method: "POST", body, headers });
  await response.body?.cancel();
  assert.equal(response.status, 200);
}

const told = ({ got }: { got: readonly { body: { type: string; state: string } }[] }) =>
  got.map(({ body: { type, state } }) => `${type} ${state}`);

test("serve tells of the first dead letter once, over two processes and a restart, and once when none is left", async () => {
  const down = await startTarget();
  await down.stop();
  await withTarget(undefined, async (target) => {
    await withFolder(async (folder) => {
      const inbox = `sqlite:${join(folder, "inbox.db")}`;
      const args = ["--inbox", inbox, "--alert-url", `${target.url}/geheim-4711-geheim`];
      const options = { env, reads: [SECRETS_FILE, folder], writes: [folder] };
      // Forwarding to it fails.
      const working = [...args, "--attempts", "1", "--forward", down.url];
      const [one, other] = [
        await startServe(working, options),
        await startServe([...args, "--role", "receive"], options),
      ];
      try {
        await post(one.url);
        await until("it was told", () => target.got.length > 0);
        assert.match(one.output, /alerts go to http:\/\/127\.0\.0\.1:\d+, as json/);
        assert.doesNotMatch(one.output, /geheim/);
      } finally {
        await Promise.all([one.stop(), other.stop()]);
      }
      await withServe(args, options, async (serve) => {
        assert.equal(
          (await runCli(["inbox", "discard", "--state", "dead", "--yes", "--inbox", inbox], options)).code,
          0,
        );
        await serve.stop();
      });
      await withServe(args, options, async () => {
        await until("it was told", () => target.got.length > 1);
      });
      assert.deepEqual(told(target), ["dead_letters raised", "dead_letters over"]);
    });
  });
});

for (const [how, more] of [["--watch", ["--watch", "--watch-every", "1s"]], ["a token alone", []]] as const) {
  test(`serve with ${how} tells that a webhook is disabled`, async () => {
    await withTarget(undefined, async (target) => {
      await withAccount(async ({ sheetId, options, run, setStatus, api }) => {
        const inbox = `sqlite:${join(options.reads![0]!, "inbox.db")}`;
        const args = ["--inbox", inbox, "--alert-url", target.url, ...more];
        let webhookId: number | undefined;
        await withServe(args, options, async (serve) => {
          assert.equal((await run("webhooks", "create", String(sheetId), serve.url)).code, 0);
          for await (const { id } of api.webhooks.list()) webhookId = id;
          if (more.length) {
            await serve.waitFor(/is enabled/);
            await setStatus(webhookId!, "DISABLED_CALLBACK_FAILED");
            await until("both were told", () => target.got.length > 1);
          }
        });
        if (more.length) return assert.deepEqual(told(target), ["webhook_disabled raised", "webhook_disabled over"]);
        await setStatus(webhookId!, "DISABLED_BY_OWNER");
        await withServe(args, options, async () => {
          await until("it was told", () => target.got.length > 0);
        });
        await setStatus(webhookId!, "ENABLED");
        await withServe(args, options, async () => {
          await until("both were told", () => target.got.length > 1);
        });
        assert.deepEqual(told(target), ["webhook_disabled raised", "webhook_disabled over"]);
        assert.deepEqual(target.got.map(({ body }) => body.subject), [{ webhookId }, { webhookId }]);
      });
    });
  });
}

test("serve without a token tells what Smartsheet says of a webhook by itself", async () => {
  await withTarget(undefined, async (target) => {
    await withServe(["--alert-url", target.url], { env, reads: [SECRETS_FILE] }, async (serve) => {
      await post(serve.url, { nonce: "a", events: undefined, newWebhookStatus: "DISABLED_SCOPE_INACCESSIBLE" });
      await until("it was told", () => target.got.length > 0);
      const timestamp = "2025-09-17T13:11:00.903+00:00";
      await post(serve.url, { nonce: "b", timestamp, events: undefined, newWebhookStatus: "ENABLED" });
      await until("both were told", () => target.got.length > 1);
      assert.deepEqual(told(target), ["webhook_disabled raised", "webhook_disabled over"]);
    });
  });
});

test("serve tells what a reconcile has found", async () => {
  await withTarget(undefined, async (target) => {
    await withAccount(async ({ simulator, sheetId, options, run }) => {
      const args = ["--reconcile-every", "1s", "--canary-every", "off", "--alert-url", target.url];
      await withServe(args, options, async (serve) => {
        assert.equal((await run("webhooks", "create", String(sheetId), serve.url)).code, 0);
        simulator.edit({ sheetId, cells: [{ column: "Item", value: "Rope" }] });
        await serve.waitFor(/created.*Rope/);
        simulator.setSilent(sheetId, true);
        simulator.edit({ sheetId, cells: [{ column: "Item", value: "Saw" }] });
        await until("it was told", () => target.got.length > 0);
        const [{ body, text }] = target.got as [typeof target.got[number]];
        assert.deepEqual([body.type, body.subject, body.counts], [
          "events_missed",
          { sheetId },
          { created: 1, updated: 0, deleted: 0 },
        ]);
        assert.doesNotMatch(text, /Saw|Rope|hiddentoken/);
      });
    });
  });
});

test("a target that never answers holds up neither callbacks nor the stop of serve", async () => {
  await withTarget(() => {}, async (target) => {
    await withFolder(async (folder) => {
      const down = await startTarget();
      await down.stop();
      const args = ["--inbox", `sqlite:${join(folder, "inbox.db")}`, "--alert-url", target.url];
      const options = { env, reads: [SECRETS_FILE, folder], writes: [folder] };
      const serve = await startServe([...args, "--attempts", "1", "--forward", down.url], options);
      try {
        await post(serve.url);
        await until("the alert is under way", () => target.got.length > 0);
        await post(serve.url);
        assert.equal(await serve.stop(), 0);
      } finally {
        await serve.kill();
      }
    });
  });
});
