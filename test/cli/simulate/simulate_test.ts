import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { startServer } from "../../../src/cli/server_adapter.ts";
import type { Child } from "../../support/runtime.ts";
import { runCli, startSimulate, withFolder } from "../../support/run_cli.ts";
import { until } from "../../support/until.ts";

// deno-lint-ignore no-explicit-any
async function ask(url: string, method = "GET", body?: unknown): Promise<any> {
  const headers = { authorization: "Bearer any" };
  const response = await fetch(url, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  return await response.json();
}

/** Runs `use` with `simulate`, a receiver that answers `statuses` in turn, and an enabled webhook. */
async function withSimulate(
  args: string[],
  statuses: number[],
  // deno-lint-ignore no-explicit-any
  use: (simulate: Child, own: string, webhook: any, paths: string[]) => Promise<void>,
): Promise<void> {
  const paths: string[] = [];
  const receiver = await startServer({
    port: 0,
    hostname: "127.0.0.1",
    fetch: async (request) => {
      const { challenge } = await request.json();
      if (challenge) return Response.json({ smartsheetHookResponse: challenge });
      paths.push(new URL(request.url).pathname);
      return new Response(null, { status: statuses.shift() ?? 200 });
    },
  });
  const simulate = await startSimulate(args);
  try {
    assert.match(simulate.url, /^http:\/\/127\.0\.0\.1:\d+\/2\.0$/);
    const columns = [{ title: "Item", type: "TEXT_NUMBER", primary: true }];
    const sheet = (await ask(`${simulate.url}/sheets`, "POST", { name: "Orders", columns })).result;
    const body = { name: "n", callbackUrl: receiver.url, scope: "sheet", scopeObjectId: sheet.id, events: ["*.*"] };
    const webhook = (await ask(`${simulate.url}/webhooks`, "POST", { ...body, version: 1 })).result;
    const enabled = (await ask(`${simulate.url}/webhooks/${webhook.id}`, "PUT", { enabled: true })).result;
    assert.equal(enabled.status, "ENABLED", enabled.disabledDetails);
    await use(simulate, simulate.url.replace(/2\.0$/, "_simulator"), enabled, paths);
  } finally {
    await simulate.kill();
    await receiver.stop();
  }
}

test("simulate says that it isn't Smartsheet, delivers a person's edit, tells so, and stops", async () => {
  await withSimulate(["--debounce-ms", "10", "--speed", "1000"], [500], async (simulate, own, webhook, paths) => {
    await simulate.waitFor(/this isn't Smartsheet/);
    await simulate.waitFor(/a challenge to \S+: 200 in \d+ ms; passed/);
    const { rowIds } = await ask(`${own}/edits`, "POST", { cells: [{ column: "Item", value: "Rope" }] });
    assert.equal(rowIds.length, 1);
    await simulate.waitFor(/3 events to \S+\/webhook: 500 in \d+ ms; it is sent again in 1 ms/);
    await simulate.waitFor(/3 events again, attempt 2 of 15, to \S+: 200 in \d+ ms; done/);
    assert.deepEqual(paths, ["/webhook", "/webhook"]);
    const deliveries = await ask(`${own}/deliveries`);
    assert.deepEqual(
      deliveries.map((
        { webhookId, kind, attempt, status }: Record<string, unknown>,
      ) => [webhookId, kind, attempt, status]),
      [[webhook.id, "challenge", 1, 200], [webhook.id, "events", 1, 500], [webhook.id, "events", 2, 200]],
    );
    await ask(`${own}/webhooks/${webhook.id}/status`, "POST", { status: "DISABLED_ADMINISTRATIVE" });
    await simulate.waitFor(/webhook \d+ is now DISABLED_ADMINISTRATIVE/);
    assert.equal(await simulate.stop(), 0);
    assert.match(simulate.output, /SIGTERM: stopping[^]*stopped\n$/);
  });
});

test("simulate tells when a webhook is disabled", async () => {
  await withSimulate(["--debounce-ms", "10"], [204], async (simulate, own) => {
    await ask(`${own}/edits`, "POST", { cells: [{ column: "Item", value: "Rope" }] });
    await simulate.waitFor(/204 in \d+ ms; the webhook is disabled at once, and this is never sent again/);
    await simulate.waitFor(/is now DISABLED_CALLBACK_FAILED: Request returned HTTP status code 204/);
  });
});

test("simulate takes faults and assumptions, several times and from its variables", async () => {
  const args = ["--debounce-ms", "10", "--fault", "duplicate=1", "--fault", "burst=1", "--assume", "newRowCells=none"];
  await withSimulate(args, [], async (simulate, own, _, paths) => {
    await simulate.waitFor(/faults are on: duplicate=1, burst=1/);
    await ask(`${own}/edits`, "POST", { cells: [{ column: "Item", value: "Rope" }] });
    await until("four requests have come", () => paths.length >= 4);
  });
  const simulate = await startSimulate([], {
    SHEETHOOK_SIMULATOR_FAULT: "duplicate=0.5, burst=0",
    SHEETHOOK_SIMULATOR_SEED: "s",
  });
  await simulate.kill();
  assert.match(simulate.output, /faults are on: duplicate=0\.5, burst=0\n/);
});

test("simulate has a clock that is ahead or behind", async () => {
  const day = 86_400_000;
  for (const [skewMs, sign] of [[-day, "behind"], [day, "ahead"]] as const) {
    const simulate = await startSimulate(["--clock-skew-ms", String(skewMs)]);
    try {
      const { headers } = await fetch(`${simulate.url}/users/me`, { headers: { authorization: "Bearer any" } });
      const differsMs = Date.parse(headers.get("date")!) - Date.now() - skewMs;
      assert.ok(Math.abs(differsMs) < day / 2, `${sign}: ${differsMs} ms`);
    } finally {
      await simulate.kill();
    }
  }
});

test("simulate makes sheets, and prints their ids and commands that work as they stand", async () => {
  const paths: string[] = [];
  const receiver = await startServer({
    port: 0,
    hostname: "127.0.0.1",
    fetch: async (request) => {
      const { challenge, events } = await request.json();
      if (challenge) return Response.json({ smartsheetHookResponse: challenge });
      paths.push(...events.map(({ objectType }: { objectType: string }) => objectType));
      return new Response();
    },
  });
  const args = ["--debounce-ms", "10", "--sheet", "Orders:Item, State", "--sheet", "It's:What's up"];
  const simulate = await startSimulate(args, { SHEETHOOK_SIMULATOR_SHEET: "never: used" });
  try {
    await simulate.waitFor(
      /sheet Orders (\d+), columns: Item \d+, State \d+\n[^]*sheet It's \d+, columns: What's up \d+/,
    );
    await simulate.waitFor(/curl \S+\/_simulator\/edits -d '[^]*curl [^\n]*\n/);
    await simulate.waitFor(/webhooks of an earlier run are gone/);
    const [, url, token, command] =
      /SMARTSHEET_API_URL=(\S+) SMARTSHEET_ACCESS_TOKEN=(\S+) npx sheethook (webhooks create \d+) \S+\n/.exec(
        simulate.output,
      )!;
    await withFolder(async (folder) => {
      const { code, stderr } = await runCli([...command!.split(" "), receiver.url], {
        env: {
          SMARTSHEET_API_URL: url!,
          SMARTSHEET_ACCESS_TOKEN: token!,
          SHEETHOOK_SECRETS_FILE: join(folder, "secrets.json"),
        },
        reads: [folder],
        writes: [folder],
      });
      assert.equal(code, 0, stderr);
    });
    const edits = [...simulate.output.matchAll(/curl (\S+) -d '(.*)'\n/g)];
    assert.equal(edits.length, 2);
    const [, editUrl, edit] = edits[0]!;
    assert.equal((await ask(editUrl!, "POST", JSON.parse(edit!))).rowIds.length, 1);
    assert.match(edits[1]![2]!, /"What'\\''s up"/, "quoted for a shell");
    await simulate.waitFor(/3 events to \S+: 200 in/);
    assert.deepEqual(paths, ["sheet", "row", "cell"]);
  } finally {
    await simulate.kill();
    await receiver.stop();
  }
});

test("simulate takes sheets from its variable, and limits requests", async () => {
  const simulate = await startSimulate(["--requests-per-minute", "2"], { SHEETHOOK_SIMULATOR_SHEET: "A:x;B:y,z" });
  try {
    await simulate.waitFor(/sheet A \d+, columns: x \d+\n[^]*sheet B \d+, columns: y \d+, z \d+\n/);
    for (const expected of [undefined, undefined, 4003]) {
      assert.equal((await ask(`${simulate.url}/sheets`)).errorCode, expected);
    }
  } finally {
    await simulate.kill();
  }
});

test("simulate is the same for the same seed", async () => {
  const idOf = async () => {
    const simulate = await startSimulate(["--seed", "7"]);
    const { id } = await ask(`${simulate.url}/users/me`);
    await simulate.kill();
    return id;
  };
  assert.equal(await idOf(), await idOf());
});

test("simulate refuses what can't be with exit code 2", async () => {
  const refused: [string[], RegExp][] = [
    [["--fault", "rain=1"], /one of duplicate, duplicate-new-nonce/],
    [["--fault", "burst"], /a name, =, and a value/],
    [["--fault", "burst=2"], /rate should be a number from 0 to 1/],
    [["--assume", "retryNonce=old"], /should be new or same/],
    [["--assume", "retryBaseMs=0"], /whole number from 1/],
    [["--sheet", "Orders"], /a name, a colon, and titles with commas/],
    [["--sheet", "Orders:Item,,"], /a name, a colon, and titles with commas/],
    [["--speed", "0"], /from 0\.01/],
    [["--timeout-ms", "0"], /whole number from 1/],
    [["--clock-skew-ms", "1h"], /whole number from -31536000000 to 31536000000/],
    [["--clock-skew-ms", "-31536000001"], /whole number from -31536000000/],
  ];
  for (const [args, message] of refused) {
    const { code, stderr } = await runCli(["simulate", ...args]);
    assert.equal(code, 2, stderr);
    assert.match(stderr, message);
  }
  assert.equal((await runCli(["simulate", "--host", "192.0.2.1"])).code, 1);
});
