import assert from "node:assert/strict";
import { test } from "node:test";
import { createMemoryInbox } from "../../src/inbox/memory.ts";
import { acceptedCallback } from "../callbacks.ts";
import { inboxSuite } from "../suites/inbox_suite.ts";

inboxSuite("memory inbox", (clock) => createMemoryInbox({ now: () => clock.now }));

const numbered = (number: number) => acceptedCallback({ nonce: `n${number}`, timestamp: `t${number}` });

test("createMemoryInbox() refuses more than maxPending", async () => {
  const inbox = createMemoryInbox({ maxPending: 2 });
  await inbox.put(numbered(1));
  await inbox.put(numbered(2));
  await assert.rejects(inbox.put(numbered(3)), { code: "inbox_full" });
  assert.equal(await inbox.put(numbered(2)), "duplicate");
});

test("createMemoryInbox() remembers maxRemembered callbacks, the last ones", async () => {
  const inbox = createMemoryInbox({ maxRemembered: 2 });
  for (const number of [1, 2, 3]) await inbox.put(numbered(number));
  assert.equal(await inbox.put(numbered(2)), "duplicate");
  assert.equal(await inbox.put(numbered(1)), "stored");
});

test("createMemoryInbox() remembers for keepMs", async () => {
  let now = 0;
  const inbox = createMemoryInbox({ keepMs: 1000, now: () => now });
  await inbox.put(numbered(1));
  now = 1000;
  await inbox.put(numbered(2));
  assert.equal(await inbox.put(numbered(1)), "duplicate");
  now = 1001;
  await inbox.put(numbered(3));
  assert.equal(await inbox.put(numbered(2)), "duplicate");
  assert.equal(await inbox.put(numbered(1)), "stored");
});
