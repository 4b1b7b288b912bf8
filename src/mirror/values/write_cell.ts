import type { Column, Hyperlink, NewCell } from "../../api/sheet.ts";
import { SheethookError, show } from "../../errors.ts";
import { isObject } from "../../json.ts";
import type { Predecessor, RowIdOf } from "./predecessor.ts";
import { type Content, isNumber, isText, shapeOf, typedContent } from "./typed_content.ts";
import type { Value } from "./value.ts";

/** A link with its text; without one, Smartsheet shows the address or the sheet's name. */
export interface Link extends Hyperlink {
  /** What the cell shows. */
  readonly text?: string;
}

/** What can be written to a cell: see `src/mirror/README.md`. */
export type NewValue =
  | Value
  | Link
  | readonly Predecessor[]
  /** A formula, with its `=`. */
  | { readonly formula: string }
  /** Smartsheet reads it as if a person had typed it; what doesn't fit the column's type is kept as text. */
  | { readonly value: string | number | boolean; readonly strict: false };

/** What a link may lead to besides an address. */
const TARGETS = ["sheetId", "reportId", "sightId"];

/**
 * The cell of a request that writes `value` to `column`, strictly by the column's type. `rowIdOf` is needed for predecessors
 * that are given as text, because Smartsheet takes them by row id.
 *
 * @throws {SheethookError} `value_invalid` for a value that the column can't hold
 */
export function writeCell(column: Column, value: NewValue, rowIdOf?: RowIdOf): NewCell {
  const invalid = (shouldBe: string) => valueError(column, value, shouldBe);
  if (column.systemColumnType) throw invalid("left out: Smartsheet fills in this column itself");
  const content = value === null || value === "" || (Array.isArray(value) && !value.length)
    ? { value: null }
    : explicitContent(value, invalid) ?? typedContent(column, value, rowIdOf);
  if (!content) throw invalid(shapeOf(column));
  return { columnId: column.id, ...content };
}

/** What says itself how it is to be written: a formula, a link, a value for lenient parsing. */
function explicitContent(value: NewValue, invalid: (shouldBe: string) => SheethookError): Content | undefined {
  if (!isObject(value)) return undefined;
  if ("formula" in value) {
    const { formula } = value;
    if (typeof formula !== "string" || !formula.startsWith("=")) throw invalid('a formula that begins with "="');
    return { formula };
  }
  if ("strict" in value) {
    const { value: lenient, strict } = value;
    if (strict !== false || !(isText(lenient) || isNumber(lenient) || typeof lenient === "boolean")) {
      throw invalid("{ value, strict: false } with text, a number or a boolean");
    }
    return { value: lenient, strict };
  }
  const { text, url, ...ids } = value as Record<string, unknown>;
  const names = Object.keys(ids);
  if (url === undefined && !names.some((name) => TARGETS.includes(name))) return undefined;
  // A link that was read has the address of its sheet, report or dashboard, too.
  const [name, more] = names.length ? names : ["url"];
  const isTarget = name === "url" ? isText(url) : !more && TARGETS.includes(name!) && Number.isSafeInteger(ids[name!]);
  if (!isTarget || (text !== undefined && !isText(text))) {
    throw invalid("a link: { url, text }, or sheetId, reportId or sightId instead of url");
  }
  return { value: text ?? null, hyperlink: name === "url" ? { url: url as string } : ids };
}

function valueError({ title, type }: Column, value: unknown, shouldBe: string): SheethookError {
  const long = typeof value === "string" && value.length > 100;
  const what = long ? `${show(value.slice(0, 100))}... (${value.length} characters)` : show(value);
  return new SheethookError(
    "value_invalid",
    `Value of ${type} column "${title}" is ${what}, but should be ${shouldBe}`,
  );
}
