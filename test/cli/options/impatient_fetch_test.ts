import assert from "node:assert/strict";
import { test } from "node:test";
import { createApi } from "../../../src/api/api.ts";
import { createImpatientFetch } from "../../../src/cli/options/impatient_fetch.ts";
import { createLog } from "../../support/callbacks.ts";

test("an API that never answered is asked twice, one that has answered as often as ever", async () => {
  const asked = async (answers: readonly boolean[]) => {
    let count = 0;
    const fetch = createImpatientFetch(() => {
      return answers[count++] ? Promise.resolve(Response.json({ version: 1 })) : Promise.reject(new TypeError("no"));
    });
    const api = createApi({ token: "a", fetch, logger: createLog(), sleep: () => Promise.resolve() });
    const call = () => api.sheets.version(1).then(() => "answered", ({ code }) => code);
    return { first: await call(), second: await call(), count };
  };
  assert.deepEqual(await asked([]), { first: "api_unanswered", second: "api_unanswered", count: 3 });
  assert.deepEqual(await asked([false, true, true]), { first: "answered", second: "answered", count: 3 });
  assert.deepEqual(await asked([true]), { first: "answered", second: "api_unanswered", count: 6 });
});
