// Changes without a mirror: with an inbox that only puts, and without any; and with an API that leaves out what it must have.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { AcceptedCallback } from "../../src/callback/callback.ts";
import type { Inbox } from "../../src/inbox/inbox.ts";
import type { InspectableInbox } from "../../src/inbox/inspect.ts";
import { withMirrored } from "../support/mirrored.ts";

test("a host that only puts gets changes from run(), without a state before", async () => {
  const put: AcceptedCallback[] = [];
  const inbox = { put: (callback: AcceptedCallback) => void put.push(callback) } as unknown as Inbox & InspectableInbox;
  await withMirrored({ receiver: { inbox } }, async ({ receiver, edit, simulator, call, sheet }) => {
    const changes: string[] = [];
    receiver.onChange(({ kind, before, columns, row }, context) => {
      assert.equal(before, undefined);
      const all = columns.map(({ title, from, to }) => `${title} ${from} ${to}`).join();
      changes.push(`${kind} ${row.cells.Item}: ${all} (${context.idempotencyKey.split("/").slice(2).join("/")})`);
    });
    const row = edit({ Item: "Rope" });
    await simulator.idle();
    edit({ Status: "Open" }, row);
    await simulator.idle();
    for (const each of put.splice(0)) {
      assert.deepEqual(await receiver.run(each, { attempt: 1 }), { done: true, dead: [] });
    }
    const created = `created Rope: Item null Rope,Status null Open (row/${row})`;
    assert.deepEqual(changes.splice(0), [created, `updated Rope: Status undefined Open (row/${row})`]);
    await call("DELETE", `/2.0/sheets/${sheet.id}/rows?ids=${row}`);
    await simulator.idle();
    await receiver.run(put[0]!, { attempt: 1 });
    assert.deepEqual(changes, [`deleted null:  (row/${row})`]);
  });
});

test("without an inbox, changes are told before the answer", async () => {
  await withMirrored({ receiver: { inbox: undefined } }, async ({ receiver, edit, simulator }) => {
    const changes: string[] = [];
    receiver.onChange(({ kind, row }) => void changes.push(`${kind} ${row.cells.Item}`));
    edit({ Item: "Rope" });
    await simulator.idle();
    assert.deepEqual(changes, ["created Rope"]);
  });
});

test("rows aren't written without api, and the error says what to do", async () => {
  await withMirrored({ receiver: { inbox: undefined, api: undefined } }, async ({ receiver, edit, simulator }) => {
    const errors: unknown[] = [];
    receiver.on("row.created", async (event, { callback, updateRow, addRows, deleteRows }) => {
      const sheetId = callback.scopeObjectId;
      const writes = [
        updateRow({ id: event.id, sheetId }, { Item: "Cord" }),
        addRows(sheetId, [{ Item: "Cord" }]),
        deleteRows(sheetId, [event.id]),
      ];
      for (const write of writes) {
        await write.catch((error) => errors.push(error.code, /createApi/.test(error.message)));
      }
    });
    edit({ Item: "Rope" });
    await simulator.idle();
    assert.deepEqual(errors, ["option_invalid", true, "option_invalid", true, "option_invalid", true]);
  });
});

test("an API that answers without rows is a dead call that says so; nothing is called deleted, and a replay tells all", async () => {
  let isBroken = false;
  const onRequest = () => isBroken ? Response.json({ version: 1, totalRowCount: 3 }) : undefined;
  await withMirrored({ onRequest, receiver: { attempts: 1 } }, async ({ receiver, edit, settle, inbox, sheet }) => {
    const changes: string[] = [];
    receiver.onChange(({ kind, row }) => void changes.push(`${kind} ${row.cells.Item}`));
    const row = edit({ Item: "Rope" });
    await settle();
    isBroken = true;
    edit({ Item: "Cord" }, row);
    await settle();
    assert.deepEqual(changes, ["created Rope"]);
    const [id] = await inbox.find({ states: ["dead"] });
    const { deadCalls } = (await inbox.show(id!))!;
    assert.deepEqual(deadCalls.map(({ call }) => call.event), ["read"]);
    assert.match(deadCalls[0]!.error, /has no/);
    assert.equal((await inbox.mirror.sheet(sheet.id))!.rowCount, 1);
    isBroken = false;
    await inbox.replay([id!]);
    await settle();
    assert.deepEqual(changes, ["created Rope", "updated Cord"]);
  });
});
