import assert from "node:assert/strict";
import { test } from "node:test";
import { delay } from "../../src/async/delay.ts";
import { memoryInbox } from "../../src/inbox/memory.ts";
import { createReceiver } from "../../src/receiver.ts";
import { acceptedCallback, callbackBody, createLog, rowEvent, SECRET } from "../support/callbacks.ts";
import { until } from "../support/until.ts";

test("a lane whose handlers take long is given back after a second, so that another has its turn", async (t) => {
  const inbox = memoryInbox();
  const put = (nonce: string, scopeObjectId: number) =>
    inbox.put(acceptedCallback({ nonce, timestamp: nonce }, callbackBody({ scopeObjectId, events: [rowEvent(1)] })));
  for (let number = 0; number < 20; number++) await put(`busy ${number}`, 1);
  await put("other", 2);
  const receiver = createReceiver({ secrets: SECRET, logger: createLog(), inbox, concurrency: 1 });
  t.after(() => receiver.stop());
  const sheets: number[] = [];
  receiver.onCallback(async ({ scopeObjectId }) => {
    await delay(100);
    sheets.push(scopeObjectId);
  });
  await receiver.start();
  await until("all are processed", () => sheets.length === 21);
  assert.ok(sheets.indexOf(2) < 20, `the other sheet came as ${sheets.indexOf(2) + 1} of 21`);
});
