import assert from "node:assert/strict";
import { test } from "node:test";
import { openAdmin } from "../../../support/admin_requests.ts";
import { cellEvent } from "../../../support/callbacks.ts";
import { dead, failed, filledInbox } from "../../../support/filled_inbox.ts";
import { mirrorChanges, MIRRORED, mirrorSheet } from "../../../support/mirrored_sheet.ts";

const MARKUP = '"><img src=x onerror=alert(1)>';
const scopeObjectId = MIRRORED.id;

test("pages name a mirrored sheet, with its id in the title or beside it", async () => {
  const { ask, put, inbox } = openAdmin();
  await mirrorSheet(inbox);
  const link = `<a href="/console/callbacks?sheet=${scopeObjectId}" title="Sheet ${scopeObjectId}">Orders</a>`;
  const id = await put(failed, { scopeObjectId });
  assert.ok((await ask("/console")).text.includes(link));
  const list = (await ask(`/console/callbacks?sheet=${scopeObjectId}`)).text;
  assert.ok(list.includes(link));
  assert.match(list, /id="sheet-name">Orders</);
  assert.match(list, new RegExp(`<datalist id="sheets"><option value="${scopeObjectId}">Orders<`));
  const page = (await ask(`/console/callbacks/${id}`)).text;
  assert.ok(page.includes(`${link} <span class="id faint">${scopeObjectId}</span>`));
  assert.match((await ask(`/console/callbacks/${id}/discard`)).text, /for sheet Orders <span class="id">/);
});

test("the page of a callback names the columns of its events, also those that are gone from the sheet", async () => {
  const { ask, put, inbox } = openAdmin();
  await mirrorSheet(inbox, { ...MIRRORED, columns: [{ ...MIRRORED.columns[1]!, title: "State" }] });
  const events = [
    cellEvent(9, 2),
    cellEvent(9, 98),
    { objectType: "column", eventType: "updated", id: 2, userId: 1, timestamp: "2026-01-31T08:00:00Z" },
  ];
  const text = async (id: number) => (await ask(`/console/callbacks/${id}`)).text;
  const page = await text(await put(dead, { scopeObjectId, events }));
  assert.equal(page.match(/<span title="Column 2">State<\/span>/g)?.length, 2);
  assert.match(page, /column <span class="id">98</);
  const derived = await text(await mirrorChanges(inbox, [], MIRRORED, [cellEvent(9, 3)]));
  assert.match(derived, /<span title="Column 3">Owner<\/span>/);
});

test("pages show ids where no sheet is known, the mirror is missing or fails, and names are no markup", async () => {
  const filled = filledInbox();
  const id = await filled.put(failed, { scopeObjectId, events: [cellEvent(9, 2)] });
  const failing = { ...filled.inbox.mirror, sheets: () => Promise.reject(new Error("no such table")) };
  const withoutMirror = { ...filled.inbox, mirror: undefined! };
  for (const inbox of [filled.inbox, withoutMirror, { ...filled.inbox, mirror: failing }]) {
    const { ask } = openAdmin({ inbox }, filled);
    for (const path of ["/console", "/console/callbacks", `/console/callbacks/${id}`]) {
      assert.match(
        (await ask(path)).text,
        new RegExp(`<a class="id" [^>]*sheet=${scopeObjectId}">${scopeObjectId}</a>`),
      );
    }
  }
  await mirrorSheet(filled.inbox, { ...MIRRORED, name: MARKUP });
  const { text } = await openAdmin({}, filled).ask("/console/callbacks");
  assert.match(text, /&lt;img src=x/);
  assert.ok(!text.includes("<img"));
});

test("the mirror is asked for its sheets once for many pages", async () => {
  const filled = filledInbox();
  await mirrorSheet(filled.inbox);
  let reads = 0;
  const sheets = () => (reads++, filled.inbox.mirror.sheets());
  const { ask } = openAdmin({ inbox: { ...filled.inbox, mirror: { ...filled.inbox.mirror, sheets } } }, filled);
  await Promise.all(Array.from({ length: 20 }, () => ask("/console/callbacks")));
  assert.equal(reads, 1);
});
