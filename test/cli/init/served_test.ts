import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { handlersText } from "../../../src/cli/init/files/handlers.ts";
import { startServe } from "../../support/run_cli.ts";
import { withAccount } from "../../support/simulated_account.ts";

for (const language of ["ts", "js"] as const) {
  test(`serve runs the handlers of init in ${language}, and a change arrives in them`, async () => {
    await withAccount(async (account) => {
      const folder = join(account.file, "..");
      const module = join(folder, `handlers.m${language}`);
      await writeFile(module, handlersText({ language }));
      const serve = await startServe([module], { env: account.options.env!, reads: [folder] });
      try {
        const created = await account.run("webhooks", "create", String(account.sheetId), serve.url);
        assert.equal(created.code, 0, created.stderr);
        account.simulator.edit({ sheetId: account.sheetId, cells: [{ column: "Item", value: "Rope" }] });
        await serve.waitFor(/row \d+ of Orders was created/);
      } finally {
        await serve.kill();
      }
    });
  });
}
