import assert from "node:assert/strict";
import { test } from "node:test";
import { createRefusals } from "../../../src/console/metrics/refusals.ts";
import { createReceiver } from "../../../src/receiver.ts";
import { callbackBody, createLog, OTHER_SECRET, SECRET, signedRequest } from "../../support/callbacks.ts";
import { openAdmin } from "../../support/admin_requests.ts";

const MINUTE = 60_000;

test("createRefusals() counts what was refused in the last hour", () => {
  let now = 100 * MINUTE;
  const refusals = createRefusals(() => now);
  assert.equal(refusals.recent(), undefined);
  refusals.note(401);
  now += 30 * MINUTE;
  refusals.note(405);
  refusals.note(503);
  assert.deepEqual(refusals.recent(), {
    ...{ count: 2, lastAt: 130 * MINUTE, lastStatus: 503 },
    byStatus: [[401, 1], [503, 1]],
  });
  now += 30 * MINUTE;
  assert.equal(refusals.recent()?.count, 1);
  now += 30 * MINUTE;
  assert.equal(refusals.recent(), undefined);
});

test("the overview tells that callbacks are signed with a secret that isn't known, and the metrics", async () => {
  const { admin, ask } = openAdmin();
  const receiver = createReceiver({ secrets: SECRET, logger: createLog() });
  const fetch = admin.watch(receiver);
  const refused = async (status: number) =>
    (await ask("/metrics")).text.split("\n").find((line) => line.includes(`outcome="refused",status="${status}"`));
  assert.match((await ask("/console")).text, /Nothing has come in yet/);
  assert.match(await refused(401) ?? "", / 0$/);
  // Doctor's are counted apart.
  const probe = await signedRequest(callbackBody(), OTHER_SECRET, { "Sheethook-Doctor": "1" });
  assert.equal((await fetch(probe)).status, 401);
  assert.doesNotMatch((await ask("/console")).text, /Requests were refused/);
  assert.match(await refused(401) ?? "", / 0$/);
  assert.match((await ask("/metrics")).text, /outcome="probe_refused",status="401"\} 1\n/);
  assert.equal((await fetch(await signedRequest(callbackBody(), OTHER_SECRET))).status, 401);
  const { text } = await ask("/console");
  assert.match(text, /health-text">Requests were refused in the last hour</);
  assert.match(text, />1 with 401; the last one at .* UTC, with 401: .*sharedSecret\?/);
  assert.match(text, /Refused<\/span>\s*<span class="tile-value">1</);
  assert.match(await refused(401) ?? "", / 1$/);
  assert.match(await refused(503) ?? "", / 0$/);
});
