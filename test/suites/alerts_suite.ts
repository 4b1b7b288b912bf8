// What every inbox must do with alerts. Its own test calls this with a way to open two processes' inboxes on one place.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Inbox } from "../../src/inbox/inbox.ts";
import type { InspectableInbox } from "../../src/inbox/inspect.ts";

type FullInbox = Inbox & InspectableInbox;

export function alertsSuite(name: string, open: () => readonly [FullInbox, FullInbox]): void {
  test(`${name}: an alert is raised by one of two at once, and ended by one of two`, async () => {
    const [one, other] = open();
    try {
      const webhook = { kind: "webhook", subject: String(Number.MAX_SAFE_INTEGER), raisedAt: 2_000 };
      const dead = { kind: "dead", subject: "", raisedAt: 1_000 };
      assert.deepEqual(await one.alerts.list(), []);
      const raised = await Promise.all([
        one.alerts.raise(webhook),
        other.alerts.raise({ ...webhook, raisedAt: 2_001 }),
      ]);
      assert.deepEqual(raised.toSorted(), [false, true]);
      assert.equal(await other.alerts.raise(dead), true);
      assert.deepEqual((await one.alerts.list()).map(({ kind, subject }) => [kind, subject]), [
        ["dead", ""],
        ["webhook", webhook.subject],
      ]);
      const [, stored] = await other.alerts.list();
      assert.equal(await one.alerts.end({ ...stored!, raisedAt: 3_000 }), false, "another one than was seen");
      const ended = await Promise.all([one.alerts.end(stored!), other.alerts.end(stored!)]);
      assert.deepEqual(ended.toSorted(), [false, true]);
      assert.deepEqual(await other.alerts.list(), [dead]);
      assert.equal(await one.alerts.raise(webhook), true, "again");
    } finally {
      await Promise.all([...new Set([one, other])].map((inbox) => inbox.close()));
    }
  });
}
