import { optionError, requireInteger, requireKnownOptions } from "../../errors.ts";
import { isObject } from "../../json.ts";
import type { Change } from "../change.ts";
import { columnIdOf } from "../columns.ts";
import type { ChangeKind } from "../derive/compare.ts";
import { type Expected, expectedText, parseExpected } from "./expected_value.ts";
import { checkRow, isSchema } from "./row_schema.ts";
import type { SchemaOutput, StandardSchema } from "./standard_schema.ts";
import type { Cells } from "../values/value.ts";

/** Which changes a handler is for: those that fit everything that is given. */
export interface ChangeFilter {
  /** The sheet, or several, by id. Needed if one of the receiver's sheets doesn't have the `column`. @default all sheets */
  readonly sheet?: number | readonly number[] | undefined;
  /** What happened, or several. @default all; with `column`, `from` or `to` created and updated */
  readonly kind?: ChangeKind | readonly ChangeKind[] | undefined;
  /** A column that changed, by title or id; of several, one of them. In a created row each filled column did. @default any */
  readonly column?: string | number | readonly (string | number)[] | undefined;
  /** The value of the changed column before; null for an empty cell. Never fits where the value before isn't known. */
  readonly from?: Expected | undefined;
  /** The value of the changed column now; null for an empty cell. */
  readonly to?: Expected | undefined;
  /** The type of `change.row.cells`: a schema of valibot, zod, arktype, ... A row that it refuses fails the attempt. */
  readonly schema?: StandardSchema | undefined;
}

/** The change that a filter lets through: `schema` says what its cells are, `kind` what happened. */
export type ChangeFor<Filter extends ChangeFilter> = Change<CellsFor<Filter>, KindFor<Filter>>;

/** Refuses options that aren't there, in a type. */
export type KnownOptions<Filter> = Readonly<Record<Exclude<keyof Filter, keyof ChangeFilter>, never>>;

/** What a filter's schema makes of cells. */
export type CellsFor<Filter> = Filter extends { readonly schema: infer Schema extends StandardSchema }
  ? SchemaOutput<Schema>
  : Cells;

/** The kinds of change that a filter lets through. */
export type KindFor<Filter> = Filter extends { readonly kind: infer Kind extends ChangeKind | readonly ChangeKind[] }
  ? Kind extends readonly (infer Each extends ChangeKind)[] ? Each : Extract<Kind, ChangeKind>
  : ChangeKind;

/** A filter that was read. */
export interface ParsedChangeFilter {
  /** The same text for the same filter, also in another process: functions by their name, a schema by its library. */
  readonly identity: string;
  /** False for a sheet of which no change can match. */
  asksFor(sheetId: number): boolean;
  /**
   * Whether the change fits; the schema isn't looked at.
   *
   * @throws {SheethookError} `column_unknown`; what `from` or `to` throws
   */
  matches(change: Change): boolean;
  /**
   * The change with the cells that the schema makes.
   *
   * @throws {SheethookError} `value_invalid` for a row that it refuses
   */
  check(change: Change): Change | Promise<Change>;
}

const KNOWN: Readonly<Record<keyof ChangeFilter, true>> = {
  sheet: true,
  kind: true,
  column: true,
  from: true,
  to: true,
  schema: true,
};
/** A handler for all sheets may mean some of them. */
const NAME_SHEETS = "if the handler isn't for this sheet, name those that it is for, onChange({ sheet: [...] }). ";
const KINDS: readonly ChangeKind[] = ["created", "updated", "deleted"];

/**
 * Reads the filter of a handler. Titles are looked up when a change is matched.
 *
 * @throws {SheethookError} `option_invalid` for an option that isn't there, a wrong type, an empty list
 */
export function parseChangeFilter(filter: ChangeFilter = {}): ParsedChangeFilter {
  if (!isObject(filter as unknown)) throw optionError("Filter of onChange()", filter, "an object");
  requireKnownOptions("onChange", filter, KNOWN);
  const { from, to, schema } = filter;
  const sheets = listOf("onChange: sheet", filter.sheet)?.map((id) => requireInteger("onChange: sheet", id));
  const kinds = listOf("onChange: kind", filter.kind)?.map(requireKind);
  const names = listOf("onChange: column", filter.column)?.map(requireColumn);
  const isFrom = from === undefined ? undefined : parseExpected("onChange: from", from);
  const isTo = to === undefined ? undefined : parseExpected("onChange: to", to);
  if (schema !== undefined && !isSchema(schema)) {
    throw optionError("onChange: schema", schema, "a Standard Schema, as valibot, zod and arktype make them");
  }
  const asksForColumns = names || isFrom || isTo;
  const wanted = kinds ?? (asksForColumns ? KINDS.filter((kind) => kind !== "deleted") : KINDS);
  const asksFor = (sheetId: number) => !sheets || sheets.includes(sheetId);

  return {
    identity: identityOf({ sheet: sheets, kind: kinds, column: names }, filter),
    asksFor,
    matches({ sheet, kind, columns }) {
      if (!asksFor(sheet.id)) return false;
      // Also for another kind of change: a misspelt title shows at the first one.
      const ids = names?.map((name) => columnIdOf(sheet.columns, name, sheets ? "" : NAME_SHEETS));
      if (!wanted.includes(kind)) return false;
      if (!asksForColumns) return true;
      return columns.some(({ columnId, from, to }) =>
        (!ids || ids.includes(columnId)) && (!isFrom || (from !== undefined && isFrom(from))) && (!isTo || isTo(to))
      );
    },
    check: (change) => schema ? checkRow(change, schema) : change,
  };
}

function listOf<Item>(name: string, value: Item | readonly Item[] | undefined): readonly Item[] | undefined {
  if (value === undefined) return undefined;
  const list = [value].flat() as Item[];
  if (!list.length) throw optionError(name, value, "at least one");
  return list;
}

function requireKind(kind: ChangeKind): ChangeKind {
  if (KINDS.includes(kind)) return kind;
  throw optionError("onChange: kind", kind, `one of ${KINDS.map((each) => JSON.stringify(each)).join(", ")}`);
}

function requireColumn(column: string | number): string | number {
  if (typeof column === "number") return requireInteger("onChange: column", column);
  if (typeof column === "string" && column) return column;
  throw optionError("onChange: column", column, "a title or an id");
}

function identityOf(lists: Readonly<Record<string, readonly unknown[] | undefined>>, filter: ChangeFilter): string {
  const texts = Object.entries(lists).flatMap(([name, list]) =>
    list ? [`${name}=${list.map((item) => JSON.stringify(item)).sort().join()}`] : []
  );
  const { from, to, schema } = filter;
  if (from !== undefined) texts.push(`from=${expectedText(from)}`);
  if (to !== undefined) texts.push(`to=${expectedText(to)}`);
  if (schema) texts.push(`schema=${schema["~standard"].vendor}`);
  return `onChange(${texts.join(" ")})`;
}
