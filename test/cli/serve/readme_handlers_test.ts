import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import type { Child } from "../../support/runtime.ts";
import { root } from "../../tasks/run_command.ts";
import { startServe } from "../../support/run_cli.ts";
import { type SimulatedAccount, withAccount } from "../../support/simulated_account.ts";
import { until } from "../../support/until.ts";

/** Serves the handlers that the README shows first, for the account's sheet, in a package as `npm init` makes it. */
async function withHandlers(account: SimulatedAccount, use: (serve: Child) => Promise<void>): Promise<void> {
  const [, code] = /```ts\n(\/\/ handlers\.ts\n[^]*?)```/.exec(await readFile(join(root, "README.md"), "utf8")) ?? [];
  const { file, options } = account;
  const folder = join(file, "..");
  const module = join(folder, "handlers.mts");
  const sources = { "sheethook/api": "src/api/api.ts", sheethook: "mod.ts" };
  let text = code!;
  for (const [name, path] of Object.entries(sources)) {
    text = text.replace(`"${name}"`, JSON.stringify(join(root, path)));
  }
  await writeFile(module, text);
  await writeFile(join(folder, "package.json"), '{"type": "commonjs"}');
  const serve = await startServe([module], { env: options.env!, reads: [folder, root] });
  try {
    const created = await account.run("webhooks", "create", String(account.sheetId), serve.url);
    assert.equal(created.code, 0, created.stderr);
    await use(serve);
  } finally {
    await serve.kill();
  }
}

const stateOf = async ({ api, sheetId }: SimulatedAccount) => {
  const { columns = [], rows = [] } = await api.sheets.get(sheetId);
  const id = columns.find(({ title }) => title === "State")?.id;
  return rows.map(({ cells }) => cells.find(({ columnId }) => columnId === id)?.value);
};

test("the README's first handlers write into the row that a person has added", async () => {
  await withAccount(async (account) => {
    await withHandlers(account, async () => {
      account.simulator.edit({ sheetId: account.sheetId, cells: [{ column: "Item", value: "Rope" }] });
      await until("the handler has written", async () => Boolean((await stateOf(account))[0]));
      assert.match(String((await stateOf(account))[0]), /^Order of Rope \(\d+\/[\w-]+\/row\/\d+\)$/);
    });
  });
});

test("the README's first handlers run again if a write is refused", async () => {
  // As for a row that has gone meanwhile.
  const afterCall = (call: string, answer: Response) =>
    /^PUT .*\/rows$/.test(call) ? Response.json({ errorCode: 1006, message: "Not Found" }, { status: 404 }) : answer;
  await withAccount(async (account) => {
    await withHandlers(account, async (serve) => {
      account.simulator.edit({ sheetId: account.sheetId, cells: [{ column: "Item", value: "Rope" }] });
      await serve.waitFor(/Attempt 1 .* failed .*1006/);
      process.kill(serve.pid, "SIGTERM");
      await serve.exited;
    });
  }, { afterCall });
});
