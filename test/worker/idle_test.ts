import assert from "node:assert/strict";
import { test } from "node:test";
import { memoryInbox } from "../../src/inbox/memory.ts";
import { createReceiver } from "../../src/receiver.ts";
import { acceptedCallback, callbackBody, createLog, rowEvent, SECRET } from "../support/callbacks.ts";
import { until } from "../support/until.ts";

test("a worker is woken by intervals only while it has a lane", async (t) => {
  const running = new Set<unknown>();
  const { setInterval, clearInterval } = globalThis;
  const set = (...args: Parameters<typeof setInterval>) => {
    const timer = setInterval(...args);
    running.add(timer);
    return timer;
  };
  const clear = (timer: Parameters<typeof clearInterval>[0]) => {
    running.delete(timer);
    clearInterval(timer);
  };
  Object.assign(globalThis, { setInterval: set, clearInterval: clear });
  t.after(() => Object.assign(globalThis, { setInterval, clearInterval }));

  const inbox = memoryInbox();
  const receiver = createReceiver({ secrets: SECRET, logger: createLog(), inbox });
  t.after(() => receiver.stop());
  const handler = Promise.withResolvers<void>();
  receiver.on("row.*", () => handler.promise);
  await receiver.start();
  assert.equal(running.size, 0);
  await inbox.put(acceptedCallback({}, callbackBody({ events: [rowEvent(1)] })));
  await until("it renews the lease and saves progress", () => running.size === 2);
  handler.resolve();
  await until("the lane has ended", () => running.size === 0);
});
