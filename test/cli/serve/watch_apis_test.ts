import assert from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import { createWatchApis } from "../../../src/cli/serve/watch_apis.ts";
import { createLog } from "../../support/callbacks.ts";

test("without any token nothing is watched, and a fleet file that can't be read at first is an error, not no token", async (t) => {
  const { SMARTSHEET_ACCESS_TOKEN: token } = process.env;
  delete process.env.SMARTSHEET_ACCESS_TOKEN;
  t.after(() => {
    if (token !== undefined) process.env.SMARTSHEET_ACCESS_TOKEN = token;
  });
  assert.equal(await createWatchApis(undefined, createLog()), undefined);
  const apis = await createWatchApis("/nowhere/fleet.json", createLog());
  await assert.rejects(apis!(), /fleet\.json can't be read \(ENOENT\)/);
});
