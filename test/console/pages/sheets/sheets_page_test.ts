import assert from "node:assert/strict";
import { test } from "node:test";
import type { SilentSheet } from "../../../../src/mirror/triggers/canary.ts";
import { memoryInbox } from "../../../../src/inbox/memory.ts";
import { createAdmin } from "../../../../src/console/admin.ts";
import { ORIGIN } from "../../../support/admin_requests.ts";
import { createLog } from "../../../support/callbacks.ts";
import { type Mirrored, withMirrored } from "../../../support/mirrored.ts";

interface Shown extends Omit<Mirrored, "ask"> {
  readonly silent: SilentSheet[];
  /** The words of a page, without markup. */
  words(path: string): Promise<string>;
  ask(path: string, init?: RequestInit): Promise<{ status: number; location: string | null; text: string }>;
}

/** A mirrored sheet of two rows, and the console of its inbox. */
function withConsole(use: (world: Shown, rows: readonly number[]) => Promise<void>): Promise<void> {
  return withMirrored({ inbox: memoryInbox() }, async (world) => {
    const admin = createAdmin({ inbox: world.inbox, logger: createLog() });
    const silent: SilentSheet[] = [];
    admin.watch({ ...world.receiver, silentSheets: () => silent });
    const ask = async (path: string, init: RequestInit = {}) => {
      const response = await admin.fetch(new Request(`${ORIGIN}${path}`, init));
      return { status: response.status, location: response.headers.get("location"), text: await response.text() };
    };
    const words = async (path: string) => {
      const { text } = await ask(path);
      return text.replace(/<[^>]*>/g, " ").replace(/\s+/g, " ");
    };
    world.receiver.onChange(() => {});
    const rows = [world.edit({ Item: "Rope" }), world.edit({ Item: "Saw" })];
    await world.settle();
    await use(Object.assign(Object.create(world), { silent, ask, words }), rows);
    admin.close();
  });
}

test("the page of sheets tells what is known of each, and of a silent one that it is", async () => {
  await withConsole(async ({ words, ask, silent, sheet }) => {
    const [, table] = /Mirrored sheets"([^]*)<\/section>/.exec((await ask("/console/sheets")).text)!;
    assert.match(table!, new RegExp(`href="/console/callbacks\\?sheet=${sheet.id}"[^>]*>Orders<`));
    assert.match(await words("/console/sheets"), /Compare Orders ✓ Mirrored 2 \d+ just now – – Reconcile /);
    assert.doesNotMatch(await words("/console"), /without callbacks/);
    silent.push({ sheetId: sheet.id, since: 0 });
    assert.match(await words("/console/sheets"), /Orders ✕ Silent 2 /);
    assert.match(await words("/console"), /1 sheet changes without callbacks/);
  });
});

test("its button has a sheet compared, once however often it is clicked, and the page tells what was found", async () => {
  await withConsole(async ({ ask, words, sheet, simulator, edit, settle, inbox }, [rope, saw]) => {
    simulator.setSilent(sheet.id, true);
    edit({ Status: "Done" }, rope);
    simulator.edit({ sheetId: sheet.id, deleteRowIds: [saw] } as never);
    const post = (path: string, origin = ORIGIN) => ask(path, { method: "POST", headers: { origin } });
    const path = `/console/sheets/${sheet.id}/reconcile`;
    assert.equal((await post(path, "http://evil.example")).status, 403);
    const before = (await inbox.overview()).done;
    for (let click = 0; click < 2; click++) {
      const { status, location } = await post(path);
      assert.deepEqual([status, location], [303, "/console/sheets?notice=asked"]);
    }
    assert.match(await words("/console/sheets?notice=asked"), /The comparison is stored\. It runs when/);
    await settle();
    const count = (await inbox.overview()).done - before;
    assert.ok(count >= 1 && count <= 2, "two clicks may lie on both sides of a period");
    const [id] = await inbox.find({ webhookId: 0 });
    const reconcile = await words(`/console/callbacks/${id! - count + 1}`);
    assert.match(
      reconcile,
      /Why: by hand The sheet was compared with its mirror: 0 rows created, 1 updated, 1 deleted/,
    );
    assert.match(reconcile, /Webhook None: sheethook asks for a comparison/);
    assert.match(reconcile, /2 changed rows/);
    assert.doesNotMatch(reconcile, /Payload|Smartsheet's time/);
    assert.match(await words("/console/callbacks"), /reconcile \(manual\)/);
    assert.equal((await post("/console/sheets/7/reconcile")).location, "/console/sheets");
    const [activity] = await inbox.activity(0, Date.now() + 1000, 2 * Date.now());
    assert.equal(activity!.accepted, (await inbox.overview()).done - count);
  });
});
