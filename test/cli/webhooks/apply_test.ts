import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { describe, it } from "node:test";
import { withServe } from "../../support/run_cli.ts";
import { type SimulatedAccount, withAccount, writeFleet } from "../../support/simulated_account.ts";

const secretsIn = async ({ file }: SimulatedAccount) => JSON.parse(await readFile(file, "utf8"));

const listed = async ({ api }: SimulatedAccount) => await Array.fromAsync(api.webhooks.list());

/** What `--json` printed: an action and a sheet for each line. */
function stepsOf(stdout: string): { action: string; sheetId: number; done: boolean; error?: string }[] {
  return stdout.trim().split("\n").filter(Boolean).map((line) => JSON.parse(line));
}

/** Applies, and returns what it did, without what was unchanged. */
async function apply({ run }: SimulatedAccount, file: string, ...options: string[]) {
  const { code, stdout, stderr } = await run("webhooks", "apply", file, "--json", ...options);
  const steps = stepsOf(stdout).filter(({ action }) => action !== "none");
  return { code, stderr, steps, actions: steps.map(({ action, sheetId }) => `${action} ${sheetId}`) };
}

describe("webhooks apply", () => {
  it("plans without a change, then makes the webhooks, then has nothing to do", async () => {
    await withAccount(async (account) => {
      const { simulator, run, options, sheetId, api, told } = account;
      const workspace = simulator.createWorkspace("Sales");
      const folder = simulator.createFolder("2026", { workspaceId: workspace });
      const inner = simulator.createFolder("May", { folderId: folder });
      const first = simulator.createSheet("First", ["Item", "State"], [], { workspaceId: workspace });
      const deep = simulator.createSheet("Deep", ["Item", "State"], [], { folderId: inner });
      const except = simulator.createSheet("Except", ["Item"], [], { folderId: inner });
      await withServe([], options, async (serve) => {
        const file = await writeFleet(account, [
          { sheets: [sheetId], events: ["row.*"], columns: ["State"] },
          { workspace, except: [except.sheetId] },
        ], serve.url);
        const planned = await run("webhooks", "apply", file, "--plan");
        assert.deepEqual([planned.code, planned.stderr], [0, "would make 3; nothing was changed\n"]);
        assert.deepEqual(planned.stdout.trim().split("\n"), [
          `would make a webhook on sheet ${sheetId} (entries[0].sheets[0])`,
          `would make a webhook on sheet ${first.sheetId} "First" (entries[1], workspace ${workspace})`,
          `would make a webhook on sheet ${deep.sheetId} "Deep" (entries[1], folder ${inner})`,
        ]);
        assert.deepEqual(await listed(account), []);

        const asked = await run("webhooks", "apply", file);
        assert.equal(asked.code, 2);
        assert.match(asked.stderr, /^would make 3: about 9 requests\n.*Nobody can be asked here/);
        const made = await run("webhooks", "apply", file, "--yes");
        assert.equal(made.code, 0, made.stderr);
        assert.match(made.stdout, /^(made webhook \d+ on sheet \d+.*\n){3}$/);
        assert.match(made.stderr, /\nmade 3\n$/);
        const webhooks = await listed(account);
        assert.deepEqual(webhooks.map(({ status }) => status), Array(3).fill("ENABLED"));
        assert.deepEqual(
          new Set(webhooks.map(({ scopeObjectId }) => scopeObjectId)),
          new Set([sheetId, first.sheetId, deep.sheetId]),
        );
        const { id } = webhooks.find(({ scopeObjectId }) => scopeObjectId === sheetId)!;
        const { events, subscope, name } = await api.webhooks.get(id);
        assert.deepEqual([events, subscope!.columnIds!.length], [["row.*"], 1]);
        assert.match(name, /^sheethook fleet orders [0-9a-f]{8}$/);
        assert.deepEqual(new Set(Object.values(await secretsIn(account))), told);

        const again = await run("webhooks", "apply", file);
        assert.deepEqual([again.code, again.stdout, again.stderr], [0, "", "unchanged 3\n"]);
        simulator.edit({ sheetId: deep.sheetId, cells: [{ column: "Item", value: "Rope" }] });
        await serve.waitFor(/row\.created/);
      });
    });
  });

  it("adopts, changes, enables and disables, and touches nothing else", async () => {
    await withAccount(async (account) => {
      const { api, sheetId, options, createSheet } = account;
      const [adopted, left, other, back] = [sheetId, await createSheet(), await createSheet(), await createSheet()];
      await withServe([], options, async ({ url }) => {
        const create = (scopeObjectId: number, callbackUrl = url) =>
          api.webhooks.create({ name: "by hand", callbackUrl, scopeObjectId, events: ["row.deleted"] });
        const byHand = await create(adopted);
        const foreign = await create(other, `${url}/elsewhere`);
        const stranger = await create(left, `${url}/elsewhere`);
        const file = () => writeFleet(account, [{ sheets: [adopted, other, back, left] }], url);
        const made = await apply(account, await file(), "--yes");
        assert.deepEqual(
          made.actions.sort(),
          [`adopt ${adopted}`, ...[other, back, left].map((id) => `make ${id}`)].sort(),
        );
        const now = await api.webhooks.get(byHand.id);
        assert.deepEqual([now.status, now.events], ["ENABLED", ["*.*"]]);

        const fleetFile = await writeFleet(account, [{ sheets: [adopted, other], events: ["row.*"] }, {
          sheets: [back],
        }], url);
        const mine = (await listed(account)).find(({ scopeObjectId, name }) =>
          scopeObjectId === back && name !== "by hand"
        )!;
        await api.webhooks.update(mine.id, { enabled: false });
        const changed = await apply(account, fleetFile, "--yes");
        assert.deepEqual(
          changed.actions.sort(),
          [
            `change ${adopted}`,
            `change ${other}`,
            `disable ${left}`,
            `enable ${back}`,
          ].sort(),
        );
        assert.deepEqual((await api.webhooks.get(byHand.id)).events, ["row.*"]);
        for (const { id, name } of [foreign, stranger]) {
          const untouched = await api.webhooks.get(id);
          assert.deepEqual([untouched.name, untouched.status, untouched.events], [name, "NEW_NOT_VERIFIED", [
            "row.deleted",
          ]]);
        }
        const statusOn = async (sheet: number) =>
          (await listed(account)).filter(({ scopeObjectId, name }) => scopeObjectId === sheet && /fleet/.test(name))
            .map(({ status }) => status);
        assert.deepEqual(await statusOn(left), ["DISABLED_BY_OWNER"]);
        assert.deepEqual(
          (await apply(account, await file(), "--plan")).actions.sort(),
          [
            `change ${adopted}`,
            `change ${other}`,
            `enable ${left}`,
          ].sort(),
        );
      });
    });
  });

  it("makes a new webhook for other columns, and changes the callback URL of one that there is", async () => {
    await withAccount(async (account) => {
      const { api, sheetId, options } = account;
      await withServe([], options, async ({ url }) => {
        const file = await writeFleet(
          account,
          [{ sheets: [sheetId], columns: ["Item"] }],
          "http://127.0.0.1:1/webhook",
        );
        const failed = await apply(account, file, "--yes");
        assert.equal(failed.code, 1);
        assert.match(failed.stderr, /isn't enabled: it is DISABLED_VERIFICATION_FAILED.*sheethook doctor http:/);
        await writeFleet(account, [{ sheets: [sheetId], columns: ["Item"] }], url);
        assert.deepEqual((await apply(account, file, "--yes")).actions, [`change ${sheetId}`]);
        assert.deepEqual((await listed(account)).map(({ callbackUrl, status }) => [callbackUrl, status]), [
          [url, "ENABLED"],
        ]);
        await writeFleet(account, [{ sheets: [sheetId], columns: ["State"] }], url);
        const planned = await account.run("webhooks", "apply", file, "--plan");
        assert.match(planned.stdout, /^would disable webhook \d+ on sheet \d+ \(another webhook replaces it\)$/m);
        assert.deepEqual((await apply(account, file, "--yes")).actions, [`make ${sheetId}`, `disable ${sheetId}`]);
        assert.deepEqual((await listed(account)).map(({ status }) => status), ["ENABLED", "DISABLED_BY_OWNER"]);
        await writeFleet(account, [{ sheets: [sheetId], columns: ["Stat"] }], url);
        assert.equal((await apply(account, file, "--plan")).code, 1);
        const typo = await apply(account, file, "--yes");
        assert.deepEqual([typo.code, typo.actions], [1, [`failed ${sheetId}`]]);
        assert.match(typo.stderr, /No column has the title "Stat": did you mean "State"\?/);
        assert.equal((await api.webhooks.get((await listed(account))[0]!.id)).status, "ENABLED");
      });
    });
  });

  it("does 99 sheets and names the one that its token has no access to", async () => {
    await withAccount(async (account) => {
      const { simulator, options } = account;
      const workspaceId = simulator.createWorkspace("Sales");
      const sheets = Array.from(
        { length: 100 },
        (_, n) => simulator.createSheet(`S${n}`, ["A"], [], { workspaceId }).sheetId,
      );
      simulator.setAccess(sheets[41]!, "owner@example.com", "NONE");
      await withServe([], options, async ({ url }) => {
        const file = await writeFleet(account, [{ sheets }], url);
        const { code, stderr, actions } = await apply(account, file, "--yes");
        assert.equal(code, 1);
        assert.match(stderr, new RegExp(`sheethook: sheet ${sheets[41]}, entries\\[0\\]\\.sheets\\[41\\]: .*1151.*\n`));
        assert.match(stderr, /\nmade 99, 1 problem\n$/);
        assert.equal(actions.filter((action) => action.startsWith("make")).length, 99);
        assert.deepEqual(actions.filter((action) => !action.startsWith("make")), [`failed ${sheets[41]}`]);
        assert.equal(Object.keys(await secretsIn(account)).length, 99);
      });
    });
  });

  it("names both places of a sheet that is declared twice, and a workspace that can't be followed", async () => {
    await withAccount(async (account) => {
      const { simulator, options, sheetId, createSheet } = account;
      const workspace = simulator.createWorkspace("Sales");
      const twice = simulator.createSheet("Twice", ["A"], [], { workspaceId: workspace }).sheetId;
      const left = await createSheet();
      await withServe([], options, async ({ url }) => {
        const file = await writeFleet(account, [{ sheets: [sheetId, left] }], url);
        assert.equal((await apply(account, file, "--yes")).code, 0);
        const entries = [{ sheets: [sheetId, twice] }, { workspace }, { workspace: 7 }];
        await writeFleet(account, entries, url);
        const { code, stderr, actions } = await apply(account, file, "--yes");
        assert.equal(code, 1);
        assert.match(
          stderr,
          new RegExp(`sheet ${twice} is declared twice, by entries\\[0\\].sheets\\[1\\] and entries\\[1\\], workspace`),
        );
        assert.match(stderr, /entries\[2\], workspace 7: couldn't be followed: .*1006/);
        // What isn't seen may still be in the fleet: nothing is disabled.
        assert.deepEqual(actions, ["failed undefined", `failed ${twice}`]);
        await writeFleet(
          account,
          entries.slice(0, 2).map((entry) => "workspace" in entry ? { workspace, except: [twice] } : entry),
          url,
        );
        assert.deepEqual(
          (await apply(account, file, "--yes")).actions.sort(),
          [`disable ${left}`, `make ${twice}`].sort(),
        );
      });
    });
  });

  it("uses several tokens, keeps the old webhook of a sheet that changes hands, and names a missing variable", async () => {
    const users = { hiddentokeneurope0123456789: "ann@example.com" };
    const env = { SMARTSHEET_TOKEN_EU: "hiddentokeneurope0123456789" };
    await withAccount(async (account) => {
      const { options, sheetId, createSheet, run } = account;
      const other = await createSheet();
      await withServe([], options, async ({ url }) => {
        const tokens = { us: { env: "SMARTSHEET_ACCESS_TOKEN" }, eu: { env: "SMARTSHEET_TOKEN_EU" } };
        const entries = [{ sheets: [sheetId], token: "us" }, { sheets: [other], token: "eu" }];
        const file = await writeFleet(account, entries, url, { tokens });
        assert.equal((await apply(account, file, "--yes")).code, 0);
        assert.equal((await listed(account)).length, 1);
        const again = await run("webhooks", "apply", file);
        assert.deepEqual([again.code, again.stderr], [0, "unchanged 2\n"]);
        // Of a sheet that changes hands, the old webhook stays while the new one can't be made.
        account.simulator.setAccess(sheetId, "ann@example.com", "NONE");
        await writeFleet(
          account,
          entries.map((entry) => ({ ...entry, token: "eu" })).concat({ sheets: [7], token: "us" }),
          url,
          { tokens },
        );
        assert.deepEqual(
          (await apply(account, file, "--yes")).actions.sort(),
          ["failed 7", `failed ${sheetId}`].sort(),
        );
        assert.deepEqual((await listed(account)).map(({ status }) => status), ["ENABLED"]);
        account.simulator.setAccess(sheetId, "ann@example.com", "EDITOR");
        assert.deepEqual(
          (await apply(account, file, "--yes")).actions.sort(),
          [
            `disable ${sheetId}`,
            "failed 7",
            `make ${sheetId}`,
          ].sort(),
        );
        await writeFleet(account, entries, url, { tokens: { ...tokens, eu: { env: "SMARTSHEET_TOKEN_ASIA" } } });
        const missing = await run("webhooks", "apply", file);
        assert.equal(missing.code, 2);
        assert.match(
          missing.stderr,
          /SMARTSHEET_TOKEN_ASIA isn't set: it should be the access token that the fleet file calls eu/,
        );
      });
    }, { users, env });
  });

  it("leaves a webhook of another fleet alone", async () => {
    await withAccount(async (account) => {
      const { options, sheetId } = account;
      await withServe([], options, async ({ url }) => {
        const file = await writeFleet(account, [{ sheets: [sheetId] }], url);
        assert.equal((await apply(account, file, "--yes")).code, 0);
        await writeFleet(account, [{ sheets: [sheetId] }], url, { name: "offers" });
        const { code, stderr, actions } = await apply(account, file, "--yes");
        assert.deepEqual([code, actions], [1, [`failed ${sheetId}`]]);
        assert.match(stderr, /does the same, but belongs to the fleet orders: one of them should leave it/);
      });
    });
  });
});

describe("webhooks apply, when Smartsheet fails", () => {
  it("ends soon if the API no longer answers, and goes on from there", async () => {
    let isDown = false;
    let refused = 0;
    const afterCall = (call: string, answer: Response) => {
      if (call.startsWith("PUT")) isDown ||= refused === 0;
      if (!isDown) return answer;
      refused++;
      return new Response("<html>Bad gateway</html>", { status: 200 });
    };
    await withAccount(async (account) => {
      const { options, simulator } = account;
      const sheets = Array.from({ length: 60 }, (_, n) => simulator.createSheet(`S${n}`, ["A"]).sheetId);
      await withServe([], options, async ({ url }) => {
        const file = await writeFleet(account, [{ sheets }], url);
        const failed = await apply(account, file, "--yes");
        assert.equal(failed.code, 1);
        assert.ok(failed.steps.length <= 20, `${failed.steps.length} problems`);
        assert.match(failed.stderr, /sheethook: tokens\.default: /);
        isDown = false;
        assert.equal((await apply(account, file, "--yes")).code, 0);
        const webhooks = await listed(account);
        assert.deepEqual([webhooks.length, new Set(webhooks.map(({ status }) => status))], [60, new Set(["ENABLED"])]);
      });
    }, { afterCall });
  });
});
