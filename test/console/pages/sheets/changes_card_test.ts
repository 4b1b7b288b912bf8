import assert from "node:assert/strict";
import { test } from "node:test";
import type { StoredChange } from "../../../../src/mirror/derive/stored_change.ts";
import { openAdmin } from "../../../support/admin_requests.ts";
import { mirrorChanges, MIRRORED } from "../../../support/mirrored_sheet.ts";
import { row } from "../../../mirror/sample.ts";

const MARKUP = '"><img src=x onerror=alert(1)><script>alert(2)</script>';

/** The page of a callback with these changes, and its text without markup. */
async function pageOf(changes: readonly StoredChange[], query = "") {
  const { ask, inbox } = openAdmin();
  const id = await mirrorChanges(inbox, changes);
  const { status, text } = await ask(`/console/callbacks/${id}${query}`);
  assert.equal(status, 200);
  const card = /aria-labelledby="changes-title">([^]*?)<\/section>/.exec(text)?.[1] ?? "";
  return { id, text, card, words: card.replace(/<[^>]*>/g, " ").replace(/\s+/g, " ") };
}

const updated: StoredChange = {
  ...{ kind: "updated", rowId: 3, by: undefined, source: "callback", events: [0] },
  before: row(3, { 1: "Chair", 2: "Open" }, MIRRORED.columns),
  after: row(3, { 1: "Chair", 2: "Approved", 3: "ann@example.com" }, MIRRORED.columns),
  columnIds: [2, 3],
};
const created: StoredChange = { ...updated, kind: "created", before: undefined, columnIds: [1] };
const deleted: StoredChange = { ...updated, kind: "deleted", after: undefined, columnIds: [1] };

test("the page of a callback tells the changed rows by number and title, and no value before it is asked for", async () => {
  const { id, text, words } = await pageOf([updated, { ...created, rowId: 4 }, { ...deleted, rowId: 5 }]);
  assert.match(words, /3 changed rows.*updated 3 Status Owner .*created 3 Item .*deleted 3 Item/);
  assert.doesNotMatch(text, /Chair|Approved|ann@/);
  assert.match(text, new RegExp(`href="/console/callbacks/${id}\\?values=show#changes-title">Show values<`));
});

test("the page of a callback tells values when they are asked for: from, to, and of the primary column", async () => {
  const unseen: StoredChange = { ...updated, before: undefined, columnIds: [2] };
  const { id, text, words } = await pageOf([updated, created, deleted, unseen], "?values=show&payload=show");
  assert.match(words, /updated 3 Chair Status Open → Approved Owner empty → ann@example\.com/);
  assert.match(
    words,
    /created 3 Chair Item Chair – deleted 3 Chair Item Chair – updated 3 Chair Status unknown → Approved/,
  );
  assert.match(text, new RegExp(`href="/console/callbacks/${id}\\?payload=show#changes-title">Hide values<`));
  assert.match(text, new RegExp(`href="/console/callbacks/${id}\\?values=show#payload-title">Hide payload<`));
});

test("the page of a callback tells who made a change by id, and by name when values are asked for", async () => {
  const by = { userId: 5114, email: "ann@example.com", name: "Ann <Lee>" };
  const hidden = await pageOf([{ ...updated, by }]);
  assert.match(hidden.words, /Status Owner 5114 /);
  assert.doesNotMatch(hidden.text, /Ann|ann@/);
  const shown = await pageOf([{ ...updated, by }, { ...created, by: { email: "bob@example.com" } }], "?values=show");
  assert.match(shown.card, /title="ann@example.com, user 5114">Ann &lt;Lee&gt;</);
  assert.match(shown.words, /created 3 Chair Item Chair bob@example.com/);
});

test("the page of a callback cuts long values, whose whole can be opened, and takes no value for markup", async () => {
  const long = `${"x".repeat(4000)}${MARKUP}`;
  const { text, card } = await pageOf([
    { ...updated, after: row(3, { 1: MARKUP, 2: long }, MIRRORED.columns), columnIds: [1, 2] },
  ], "?values=show");
  assert.match(card, /<details id="change-0-2-to"><summary>x{100}…<\/summary><div class="pre">x{4000}&quot;/);
  assert.match(card, /&lt;img src=x onerror/);
  assert.ok(!text.includes("<img") && !text.includes("<script>alert"));
});

test("the page of a callback lists 100 changed rows and 50 columns of each, and says how many more there are", async () => {
  const columns = Array.from(
    { length: 60 },
    (_, index) => ({ id: index + 1, index, title: `T${index}`, type: "DATE" }),
  );
  const many = Array.from(
    { length: 130 },
    (): StoredChange => ({ ...updated, columnIds: columns.map(({ id }) => id) }),
  );
  const { ask, inbox } = openAdmin();
  const id = await mirrorChanges(inbox, many, { ...MIRRORED, columns });
  const { text } = await ask(`/console/callbacks/${id}`);
  assert.match(text, /130 changed rows/);
  assert.match(text, /And 30 more rows\./);
  assert.equal(text.match(/and 10 more columns/g)?.length, 100);
  assert.ok(!text.includes(">T50<") && text.includes(">T49<"));
});

test("the page of a callback says that no row differed, and nothing where no change was derived", async () => {
  assert.match((await pageOf([])).card, /No row differs from what was known/);
  const { ask, put } = openAdmin();
  assert.doesNotMatch((await ask(`/console/callbacks/${await put()}`)).text, /changes-title/);
});
