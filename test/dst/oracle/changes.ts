import type { ToldChange } from "../history.ts";
import { OWN_COLUMN, type ShownSheet } from "../smartsheet.ts";
import { actsOf, callbackOf, eventsOf, type Facts, identityOf, type Of, only, sizeOf } from "./facts.ts";

/**
 * A change is derived once; told one after another, changes lead from what was known to what is; nothing is called deleted that
 * lives; a gap counts what was told.
 */
export function checkChanges(facts: Facts, sheets: readonly ShownSheet[]): string[] {
  const told = only(facts.history, "told");
  const first = new Map<string, Of<"told">>();
  const violations: string[] = [];
  for (const each of told) {
    const before = first.get(each.key);
    if (!before) first.set(each.key, each);
    else if (JSON.stringify(before.change) !== JSON.stringify(each.change)) {
      violations.push(
        `Change ${each.key} was told as ${JSON.stringify(before.change)}, and as ${JSON.stringify(each.change)}`,
      );
    }
  }
  const changes = [...first.values()];
  return [
    ...violations,
    ...checkDeleted(facts, changes, sheets),
    ...checkStates(facts, changes, sheets),
    ...checkGaps(facts, changes),
  ];
}

function checkDeleted({ history }: Facts, changes: readonly Of<"told">[], sheets: readonly ShownSheet[]): string[] {
  const living = new Set(sheets.flatMap(({ rows }) => rows.map(({ id }) => id)));
  const deletedAt = new Map<number, number>();
  for (const { row, at } of only(history, "row deleted")) if (!deletedAt.has(row)) deletedAt.set(row, at);
  return changes.flatMap(({ key, at, change: { kind, row } }) => {
    if (kind !== "deleted" || !(living.has(row) || at < (deletedAt.get(row) ?? -Infinity))) return [];
    return [`${key}: row ${row} was called deleted, and lived`];
  });
}

/** Sheets with changes that nobody was told of, as somebody wished. */
function untoldSheets({ history, stored }: Facts): ReadonlySet<number> {
  const acts = actsOf(history);
  return new Set(stored.flatMap(({ webhookId, nonce, state, scopeObjectId }) => {
    const isDiscarded = state === "discarded" ||
      acts.get(`${webhookId}/${nonce}`)?.some(({ act }) => act === "discard");
    return isDiscarded ? [scopeObjectId] : [];
  }));
}

/**
 * Rows with changes that nobody was told of: their call died before it began, or the read of a comparison died behind the part that
 * they are in. A replay would tell them.
 */
function untoldRows({ history, stored, givenUp }: Facts): ReadonlySet<number> {
  const told = new Set(only(history, "told").map(({ key }) => key));
  return new Set(stored.flatMap((callback) => {
    const { id, webhookId, nonce, body, deadCalls } = callback;
    const ofCalls = deadCalls.flatMap(({ call: { event } }) => /^row\/(\d+)$/.exec(String(event))?.[1] ?? []);
    const rows = [...ofCalls.map(Number), ...givenUp.get(id) ?? []];
    return rows.filter((row) => !told.has(`${webhookId}/${nonce}/row/${row}${sizeOf(eventsOf(body))}`));
  }));
}

function checkStates(facts: Facts, changes: readonly Of<"told">[], sheets: readonly ShownSheet[]): string[] {
  const sheetsUntold = untoldSheets(facts);
  const rowsUntold = untoldRows(facts);
  const followed = changes.filter(({ change: { sheet, row } }) => !sheetsUntold.has(sheet) && !rowsUntold.has(row));
  const ours = new Set(only(facts.history, "row deleted").flatMap(({ row, by }) => by === "us" ? [row] : []));
  const rows = new Map<number, ReadonlyMap<string, unknown> | "deleted">();
  const violations = followed.flatMap(({ key, change }) => follow(change, key, rows));
  const shown = new Map(
    sheets.flatMap(({ columns, rows }) => rows.map((row) => [row.id, valuesOf(row, columns)] as const)),
  );
  for (const [row, state] of rows) {
    const values = shown.get(row);
    if (state === "deleted" || (!values && ours.has(row))) continue;
    if (!values) violations.push(`Row ${row} is gone, and nobody was told`);
    for (const [title, value] of values ? state : []) {
      if (values!.get(title) === value) continue;
      violations.push(`${title} of row ${row} is ${values!.get(title)}, but ${value} was told last`);
    }
  }
  return violations;
}

/** Applies a change to what was told before. */
function follow(
  { kind, row, columns, cells }: ToldChange,
  key: string,
  rows: Map<number, ReadonlyMap<string, unknown> | "deleted">,
): string[] {
  const known = rows.get(row);
  if (kind === "deleted") {
    rows.set(row, "deleted");
    return known === "deleted" ? [`${key}: row ${row} was deleted twice`] : [];
  }
  if (known === "deleted") return [`${key}: row ${row} was ${kind} after it was deleted`];
  rows.set(row, new Map(Object.entries(cells).filter(([title]) => title !== OWN_COLUMN)));
  if (kind === "created" && known) return [`${key}: row ${row} was created twice`];
  if (known && !columns.length && kind !== "created") return [`${key}: row ${row} was ${kind}, and no column differs`];
  return columns.flatMap(({ title, from, to }) => {
    if (JSON.stringify(from) === JSON.stringify(to)) {
      return [`${key}: ${title} of row ${row} changed from ${from} to ${to}`];
    }
    if (!known || title === OWN_COLUMN || from === undefined || known.get(title) === from) return [];
    return [`${key}: ${title} of row ${row} changed from ${from}, but ${known.get(title)} was told before`];
  });
}

function checkGaps({ history, stored }: Facts, changes: readonly Of<"told">[]): string[] {
  const byCallback = Map.groupBy(changes, ({ key }) => callbackOf(key));
  const dead = new Set(stored.flatMap((callback) => callback.deadCalls.length ? [identityOf(callback)] : []));
  return only(history, "told of a gap").flatMap(({ key, gap }) => {
    if (dead.has(callbackOf(key))) return [];
    const told = (kind: string) =>
      (byCallback.get(callbackOf(key)) ?? []).filter(({ change }) => change.kind === kind).length;
    return (["created", "updated", "deleted"] as const).flatMap((kind) =>
      gap[kind] === told(kind) ? [] : [`${key}: the gap counts ${gap[kind]} ${kind} rows, but ${told(kind)} were told`]
    );
  });
}

function valuesOf({ cells }: ShownSheet["rows"][number], columns: ShownSheet["columns"]): ReadonlyMap<string, unknown> {
  const titles = new Map(columns.map(({ id, title }) => [id, title]));
  const empty = columns.map(({ title }) => [title, null] as const);
  return new Map([...empty, ...cells.map(({ columnId, value }) => [titles.get(columnId)!, value ?? null] as const)]);
}
