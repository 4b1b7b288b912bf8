// What a handler was told, checked against the contract: changes follow one from another, and none is told twice.
import assert from "node:assert/strict";
import type { Change } from "../../../../src/mirror/change.ts";
import type { Gap } from "../../../../src/mirror/gap.ts";
import type { Row, SheetInfo } from "../../../../src/mirror/row.ts";
import type { Value } from "../../../../src/mirror/values/value.ts";

/** A row as a handler knows it: what is in it by column id, without its empty cells. */
export type KnownRow = ReadonlyMap<number, Value>;

/** Only handlers write this column. */
export const OWN_COLUMN = "Ticket";
/** The primary cell of rows that only handlers add and delete. */
export const OWN_ROW = "own";

export interface Ledger {
  /** The first known state of all rows. Called once, when a sheet is mirrored, with the nonce of the callback that did it. */
  begin(rows: ReadonlyMap<number, KnownRow>, nonce: string): void;
  readonly hasBegun: boolean;
  /** A handler is called: may be the same call again. */
  tell(change: Change, key: string): void;
  tellGap(gap: Gap, nonce: string): void;
  /** A write of a handler whose end it hasn't seen: what it wrote may come back as somebody else's. */
  readonly openWrites: Set<string>;
  /** The rows, as the changes say. */
  readonly rows: ReadonlyMap<number, KnownRow>;
  /** How many changes were told. */
  readonly count: number;
  /** Throws if what gaps count isn't what was told with them. */
  checkGaps(): void;
}

/** @param exists whether the sheet has a row now */
export function createLedger(exists: (rowId: number) => boolean): Ledger {
  const rows = new Map<number, KnownRow>();
  /** Rows that nobody has told of yet: the first callback may tell of what the mirror holds already. */
  const unsettled = new Set<number>();
  const told = new Map<string, string>();
  const kinds = new Map<string, string[]>();
  const gaps = new Map<string, Gap>();
  const openWrites = new Set<string>();
  let firstNonce: string | undefined;

  function isOwn({ row, before }: Change): boolean {
    return row.cells.Item === OWN_ROW || before?.cells.Item === OWN_ROW;
  }

  function check(change: Change, key: string): void {
    const { kind, row, before, columns, sheet, source, events } = change;
    const known = rows.get(row.id);
    const isFirst = unsettled.has(row.id) && before === undefined;
    const changed = columns.filter(({ title }) => title !== OWN_COLUMN);
    if (source === "reconcile") assert.equal(events.length, 0, "a reconcile knows no events");
    if (kind === "deleted") {
      assert.ok(!exists(row.id), "a row that is there was called deleted");
      if (!known) return assert.equal(key.split("/")[1], firstNonce, "an unknown row was called deleted");
      return assertSame(before, known, sheet, "before");
    }
    if (kind === "created") {
      assert.ok(!known || isFirst, "a known row was called created");
      return assert.equal(before, undefined);
    }
    assert.ok(known, "an unknown row was called updated");
    if (openWrites.has(`${row.id}`) && !changed.length) return;
    // Before the first read nothing is known: a row that only moved then can't be told from others.
    const isNamedFirst = isFirst && key.split("/")[1] === firstNonce;
    assert.ok(changed.length || isNamedFirst, "a change without a changed column");
    if (columns.length !== changed.length) assert.ok(openWrites.has(`${row.id}`), "an own change was told");
    if (!before) return assert.ok(isFirst, "before is missing");
    assertSame(before, known, sheet, "before");
    for (const { columnId, from, to, title } of changed) {
      assert.deepEqual(from, known.get(columnId) ?? null, `from in ${title}`);
      assert.deepEqual(to, row.cell(columnId).value, `to in ${title}`);
      assert.notDeepEqual(from, to, `${title} is no change`);
    }
    const ids = changed.map(({ columnId }) => columnId);
    assert.deepEqual(
      ids,
      sheet.columns.filter(({ id, title }) => {
        return title !== OWN_COLUMN && JSON.stringify(known.get(id) ?? null) !== JSON.stringify(row.cell(id).value);
      }).map(({ id }) => id),
      "the changed columns",
    );
  }

  return {
    rows,
    openWrites,
    get hasBegun() {
      return firstNonce !== undefined;
    },
    get count() {
      return told.size;
    },

    begin(first, nonce) {
      firstNonce = nonce;
      for (const [id, row] of first) {
        rows.set(id, row);
        unsettled.add(id);
      }
    },

    tell(change, key) {
      const { kind, row, before, columns, source } = change;
      const text = JSON.stringify({ kind, row, before, columns, source });
      const known = told.get(key);
      if (known !== undefined) return assert.equal(text, known, `${key} isn't what it was`);
      told.set(key, text);
      const nonce = key.split("/")[1]!;
      if (source === "reconcile") kinds.set(nonce, [...kinds.get(nonce) ?? [], kind]);
      if (isOwn(change)) return assert.ok(openWrites.has("add"), `own rows were told: ${text}`);
      try {
        check(change, key);
      } catch (error) {
        throw new Error(`${(error as Error).message}\n${key}: ${text}`, { cause: error });
      }
      unsettled.delete(row.id);
      if (kind === "deleted") rows.delete(row.id);
      else rows.set(row.id, knownRow(row, change.sheet));
    },

    tellGap(gap, nonce) {
      const known = gaps.get(nonce);
      if (known) assert.deepEqual(gap, known, "a gap isn't what it was");
      gaps.set(nonce, gap);
    },

    checkGaps() {
      for (const [nonce, { created, updated, deleted }] of gaps) {
        const count = (kind: string) => (kinds.get(nonce) ?? []).filter((each) => each === kind).length;
        const toldKinds = { created: count("created"), updated: count("updated"), deleted: count("deleted") };
        assert.deepEqual({ created, updated, deleted }, toldKinds, "what the gap counts");
      }
      for (const nonce of kinds.keys()) assert.ok(gaps.has(nonce), "changes of a gap that nobody was told of");
    },
  };
}

function knownRow(row: Row, { columns }: SheetInfo): KnownRow {
  return new Map(
    columns.map(({ id }): [number, Value] => [id, row.cell(id).value]).filter(([, value]) => value !== null),
  );
}

function assertSame(row: Row | undefined, known: KnownRow, sheet: SheetInfo, what: string): void {
  assert.ok(row, `${what} is missing`);
  const ids = sheet.columns.filter(({ title }) => title !== OWN_COLUMN).map(({ id }) => id);
  const plain = (cell: (id: number) => Value | undefined) => ids.map((id) => [id, cell(id) ?? null]);
  assert.deepEqual(plain((id) => row.cell(id).value), plain((id) => known.get(id)), what);
}
