import assert from "node:assert/strict";
import { test } from "node:test";
import { memoryInbox } from "../../src/inbox/memory.ts";
import { acceptedCallback } from "../callbacks.ts";
import { inboxSuite } from "../suites/inbox_suite.ts";

inboxSuite("memory inbox", (clock) => memoryInbox({ now: () => clock.now }));

const numbered = (number: number) => acceptedCallback({ nonce: `n${number}`, timestamp: `t${number}` });

test("memoryInbox() refuses more than maxPending", async () => {
  const inbox = memoryInbox({ maxPending: 2 });
  await inbox.put(numbered(1));
  await inbox.put(numbered(2));
  await assert.rejects(inbox.put(numbered(3)), { code: "inbox_full" });
  assert.equal(await inbox.put(numbered(2)), "duplicate");
});

test("memoryInbox() remembers maxRemembered callbacks, the last ones", async () => {
  const inbox = memoryInbox({ maxRemembered: 2 });
  for (const number of [1, 2, 3]) await inbox.put(numbered(number));
  assert.equal(await inbox.put(numbered(2)), "duplicate");
  assert.equal(await inbox.put(numbered(1)), "stored");
});

test("memoryInbox() remembers for keepMs", async () => {
  let now = 0;
  const inbox = memoryInbox({ keepMs: 1000, now: () => now });
  await inbox.put(numbered(1));
  now = 1000;
  await inbox.put(numbered(2));
  assert.equal(await inbox.put(numbered(1)), "duplicate");
  now = 1001;
  await inbox.put(numbered(3));
  assert.equal(await inbox.put(numbered(2)), "duplicate");
  assert.equal(await inbox.put(numbered(1)), "stored");
});
