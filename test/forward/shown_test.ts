// What people see of callbacks that wait for a target.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { createAdmin } from "../../src/console/admin.ts";
import { addForwarding } from "../../src/forward/forward.ts";
import type { Inbox } from "../../src/inbox/inbox.ts";
import type { InspectableInbox } from "../../src/inbox/inspect.ts";
import { sqliteInbox } from "../../src/inbox/sqlite.ts";
import { createReceiver } from "../../src/receiver.ts";
import { callbackBody, createLog, SECRET, SHEET_ID, signedRequest } from "../support/callbacks.ts";
import { succeeds } from "../support/run_inbox.ts";
import { until } from "../support/until.ts";

/** A callback, which one of two targets has, and the other fails at. */
async function withHeldTarget(use: (inbox: Inbox & InspectableInbox, file: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "sheethook-shown-"));
  const file = join(folder, "inbox.db");
  const inbox = sqliteInbox(file);
  try {
    const receiver = createReceiver({ secrets: SECRET, inbox, logger: createLog() });
    addForwarding(receiver, ["https://up.example.com/hook", "https://down.example.com/hook?code=hidden-word"], {
      inbox,
      fetch: async (url) =>
        String(url).includes("up")
          ? new Response(null, { status: 204 })
          : new Response(null, { status: 503, headers: { "retry-after": "3600" } }),
    });
    await receiver.start();
    await receiver.fetch(await signedRequest(callbackBody()));
    await until("one target is held up", async () => {
      const { heldLanes, done } = await inbox.overview();
      return heldLanes === 1 && done === 2;
    });
    await receiver.stop();
    await use(inbox, file);
  } finally {
    await inbox.close();
    await rm(folder, { recursive: true });
  }
}

test("the inbox commands show the sheet of a relayed callback, and the target that it waits for", async () => {
  await withHeldTarget(async (_, file) => {
    const listed = await succeeds(file, "list", "--state", "pending");
    assert.match(listed, new RegExp(`${SHEET_ID} .* 1 to https://down\\.example\\.com/hook `));
    const { scopeObjectId, relayedTo, id } = JSON.parse(await succeeds(file, "list", "--state", "pending", "--json"));
    assert.deepEqual([scopeObjectId, relayedTo], [SHEET_ID, "https://down.example.com/hook"]);
    const shown = await succeeds(file, "show", String(id));
    assert.match(shown, new RegExp(`sheet +${SHEET_ID}\n`));
    assert.match(shown, /forwarded to +https:\/\/down\.example\.com\/hook\n/);
    const stats = await succeeds(file, "stats");
    assert.match(stats, /the lane of a target: callback \d+ .*https:\/\/down\.example\.com\/hook answered 503/);
    assert.doesNotMatch(listed + shown + stats, /hidden-word|-\d{10}/);
  });
});

test("the console shows the sheet of a relayed callback, and the target that it waits for", async () => {
  await withHeldTarget(async (inbox) => {
    const admin = createAdmin({ inbox, logger: createLog() });
    const ask = async (path: string) => {
      const response = await admin.fetch(new Request(`http://127.0.0.1:9464${path}`));
      assert.equal(response.status, 200);
      return await response.text();
    };
    const [id] = await inbox.find({ states: ["pending"] });
    const [overview, list, page] = [
      await ask("/console"),
      await ask("/console/callbacks"),
      await ask(`/console/callbacks/${id}`),
    ];
    assert.match(overview, /the lane of a target/);
    assert.match(list, /row\.updated, to https:\/\/down\.example\.com\/hook/);
    assert.match(list, new RegExp(`sheet=${SHEET_ID}`));
    assert.match(page, /<dt>Forwarded to<\/dt><dd>https:\/\/down\.example\.com\/hook<\/dd>/);
    assert.match(page, new RegExp(`sheet=${SHEET_ID}`));
    assert.doesNotMatch(overview + list + page, /hidden-word|sheet=-/);
    admin.close();
  });
});
