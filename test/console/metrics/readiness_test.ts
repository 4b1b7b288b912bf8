import assert from "node:assert/strict";
import { test } from "node:test";
import { delay } from "../../../src/async/delay.ts";
import { createReadiness } from "../../../src/console/metrics/readiness.ts";
import { createLog } from "../../support/callbacks.ts";

test("createReadiness() is ready if the inbox can store a callback and nothing refuses it", async () => {
  const reasons: string[] = [];
  const ready = createReadiness({
    inbox: { check: () => Promise.resolve() },
    refusing: () => reasons[0],
    logger: createLog(),
  });
  const first = await ready();
  assert.deepEqual([first.status, await first.json()], [200, { ready: true }]);
  reasons.push("no secret is known");
  const second = await ready();
  assert.deepEqual([second.status, await second.json()], [503, { ready: false, reasons: ["no secret is known"] }]);
});

test("createReadiness() says once in the log why the inbox can't, and when it can again", async () => {
  let trouble: Error | undefined = new Error("database or disk is full in /var/secret");
  const log = createLog();
  const inbox = { check: () => trouble ? Promise.reject(trouble) : Promise.resolve() };
  const ready = createReadiness({ inbox, refusing: () => undefined, logger: log, keepMs: 0 });
  for (let count = 0; count < 3; count++) {
    const response = await ready();
    assert.equal(response.status, 503);
    assert.doesNotMatch(await response.text(), /secret/);
  }
  trouble = undefined;
  assert.equal((await ready()).status, 200);
  assert.deepEqual(log.lines, [
    "warn Not ready: the inbox can't store callbacks: Error: database or disk is full in /var/secret",
    "info Ready again: the inbox can store callbacks",
  ]);
});

test("createReadiness() waits no longer than it may, and asks an inbox that hangs no second time meanwhile", async () => {
  let asked = 0;
  let answer = Promise.withResolvers<void>();
  const inbox = {
    check: () => {
      asked++;
      return answer.promise;
    },
  };
  const ready = createReadiness({ inbox, refusing: () => undefined, logger: createLog(), checkMs: 20, keepMs: 0 });
  assert.equal((await ready()).status, 503);
  assert.equal((await ready()).status, 503);
  assert.equal(asked, 1);
  answer.resolve();
  await answer.promise;
  await delay(0);
  answer = Promise.withResolvers();
  answer.resolve();
  assert.equal((await ready()).status, 200);
  assert.equal(asked, 2);
});

test("createReadiness() writes to the inbox once, however many ask, and asks again later", async () => {
  let asked = 0;
  const inbox = { check: async () => void asked++ };
  const options = { inbox, refusing: () => undefined, logger: createLog() };
  const ready = createReadiness({ ...options, keepMs: 3_600_000 });
  const answers = [await ready(), ...await Promise.all(Array.from({ length: 50 }, () => ready())), await ready()];
  assert.ok(answers.every(({ status }) => status === 200));
  assert.equal(asked, 1);
  const again = createReadiness({ ...options, keepMs: 0 });
  await again();
  await again();
  assert.equal(asked, 3);
});
