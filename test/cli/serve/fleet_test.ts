import assert from "node:assert/strict";
import { test } from "node:test";
import { createApi } from "../../../src/api/api.ts";
import { createLog } from "../../support/callbacks.ts";
import { findFreePort } from "../../serve/client.ts";
import { runCli, withServe } from "../../support/run_cli.ts";
import { withAccount, writeFleet } from "../../support/simulated_account.ts";
import { until } from "../../support/until.ts";

test("serve applies its fleet on start, finds new sheets, and logs a problem once and its end", async () => {
  let followed = 0;
  const afterCall = (call: string, answer: Response) => {
    if (call === "GET /2.0/workspaces/7/children") followed++;
    return answer;
  };
  await withAccount(async (account) => {
    const { simulator, options, api } = account;
    const workspace = simulator.createWorkspace("Sales");
    simulator.createSheet("First", ["Item"], [], { workspaceId: workspace });
    const port = await findFreePort();
    const url = `http://127.0.0.1:${port}/webhook`;
    const file = await writeFleet(account, [{ workspace }], url);
    await withServe(["--port", String(port), "--fleet", file, "--fleet-every", "1s"], options, async (serve) => {
      await serve.waitFor(/fleet orders: made 1\n/);
      const { sheetId } = simulator.createSheet("Second", ["Item"], [], { workspaceId: workspace });
      await serve.waitFor(/fleet orders: made 1\n[^]*fleet orders: made 1\n/);
      const webhooks = await Array.fromAsync(api.webhooks.list());
      assert.deepEqual(webhooks.map(({ status }) => status), ["ENABLED", "ENABLED"]);
      simulator.edit({ sheetId, cells: [{ column: "Item", value: "Rope" }] });
      await serve.waitFor(/row\.created/);

      await writeFleet(account, [{ workspace }, { workspace: 7 }], url);
      await until("the workspace was followed three times", () => followed >= 3);
      await writeFleet(account, [{ workspace, evnts: [] }], url);
      await serve.waitFor(/entries\[0\]\.evnts \(line \d+\) is unknown \(did you mean events\?\)/);
      await writeFleet(account, [{ workspace }], url);
      await serve.waitFor(/fleet: no longer: it can't be applied/);
      assert.equal(serve.output.match(/fleet: entries\[1\], workspace 7: couldn't be followed/g)!.length, 1);
      assert.equal((await api.webhooks.list().next()).value!.status, "ENABLED");
    });
  }, { afterCall });
});

test("serve --watch keeps the webhooks of each token of its fleet enabled", async () => {
  const token = "hiddentokeneurope0123456789";
  const users = { [token]: "ann@example.com" };
  await withAccount(async (account) => {
    const { options, sheetId, createSheet } = account;
    const other = await createSheet();
    const port = await findFreePort();
    const tokens = { us: { env: "SMARTSHEET_ACCESS_TOKEN" }, eu: { env: "SMARTSHEET_TOKEN_EU" } };
    const entries = [{ sheets: [sheetId], token: "us" }, { sheets: [other], token: "eu" }];
    const file = await writeFleet(account, entries, `http://127.0.0.1:${port}/webhook`, { tokens });
    const args = ["--port", String(port), "--fleet", file, "--watch", "--watch-every", "1s"];
    await withServe(args, options, async (serve) => {
      await serve.waitFor(/fleet orders: made 2\n/);
      const ann = createApi({ token, apiUrl: options.env!.SMARTSHEET_API_URL, logger: createLog() });
      for (const api of [account.api, ann]) {
        const { id } = (await api.webhooks.list().next()).value!;
        await serve.waitFor(new RegExp(`webhook ${id} is enabled\\n`));
        await account.setStatus(id, "DISABLED_CALLBACK_FAILED");
        await serve.waitFor(new RegExp(`webhook ${id} is enabled again`));
      }
      assert.doesNotMatch(serve.output, /GONE|can't be watched/);
    });
  }, { users, env: { SMARTSHEET_TOKEN_EU: token } });
});

test("serve refuses a fleet file with a typo, a token that is missing, and webhook ids beside it", async () => {
  await withAccount(async (account) => {
    const { options } = account;
    const serve = async (...args: string[]) => {
      const { code, stderr } = await runCli(["serve", "--port", "0", "--host", "127.0.0.1", ...args], options);
      assert.equal(code, 2, stderr);
      return stderr;
    };
    const file = await writeFleet(account, [{ sheet: [1] }], "https://hooks.example.com/");
    assert.match(await serve("--fleet", file), /entries\[0\]\.sheet \(line \d+\) is unknown \(did you mean sheets\?\)/);
    await writeFleet(account, [{ sheets: [1] }], "https://hooks.example.com/", {
      tokens: { a: { env: "SMARTSHEET_B" } },
    });
    assert.match(await serve("--fleet", file), /SMARTSHEET_B isn't set/);
    assert.match(await serve("--fleet", file, "--webhook-ids", "1"), /--fleet and --webhook-ids are given/);
    assert.match(await serve("--fleet", `${file}.gone`), /can't be read \(ENOENT\)/);
  });
});
