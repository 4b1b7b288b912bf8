import type { ViewColumn, ViewColumnKind } from "../mirror.ts";

/** The columns that each view has besides those of its sheet. */
const OWN_COLUMNS = ["row_id", "row_number", "parent_id", "modified_at"] as const;

/** By the column's type. Any other holds text, and numbers. */
const KINDS: Readonly<Record<string, ViewColumnKind>> = {
  CHECKBOX: "boolean",
  DATE: "date",
  ABSTRACT_DATETIME: "time",
  DATETIME: "instant",
  CONTACT_LIST: "contact",
  MULTI_CONTACT_LIST: "list",
  MULTI_PICKLIST: "list",
};

interface SheetColumn {
  readonly id: number;
  readonly title?: string;
  readonly type?: string;
}

/**
 * The columns of a view. Each has its title as its name, cut to `maxBytes`. One whose name another column has already (upper case is lower
 * case), or that has no title, gets its id behind it: so has one with the title of one of our own.
 *
 * @param info of the sheet, as the mirror keeps it
 * @param numbers columns of text that hold nothing but numbers
 */
export function viewColumns(
  info: string,
  { numbers = new Set(), maxBytes = Infinity }: {
    readonly numbers?: ReadonlySet<number>;
    readonly maxBytes?: number;
  } = {},
): ViewColumn[] {
  const { columns = [] }: { columns?: readonly SheetColumn[] } = JSON.parse(info);
  const taken = new Set<string>(OWN_COLUMNS);
  return columns.map(({ id: columnId, title = "", type = "" }) => {
    // No client can give the character 0, or half of a surrogate pair.
    const wanted = title.toWellFormed().replaceAll("\0", "\uFFFD");
    let name = cut(wanted, maxBytes);
    for (let suffix = ` ${columnId}`; !name || taken.has(folded(name)); suffix += ` ${columnId}`) {
      name = `${cut(wanted, maxBytes - suffix.length)}${suffix}`.trimStart();
    }
    taken.add(folded(name));
    const kind = KINDS[type] ?? (numbers.has(columnId) ? "number" : "text");
    return { name, columnId, title, kind };
  });
}

/** SQLite's names differ in more than the case of ASCII letters. */
function folded(name: string): string {
  return name.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/** As Postgres cuts a name, also in a query: at a character. */
function cut(text: string, maxBytes: number): string {
  let bytes = 0;
  let length = 0;
  for (const character of text) {
    bytes += new TextEncoder().encode(character).length;
    if (bytes > maxBytes) break;
    length += character.length;
  }
  return text.slice(0, length);
}

/** The columns that were all numbers, and are so with these rows, too. @param rows as JSON */
export function numbersIn(columns: readonly ViewColumn[], rows: readonly { readonly json: string }[]): Set<number> {
  const numbers = new Set(columns.filter(({ kind }) => kind === "number").map(({ columnId }) => columnId));
  if (!numbers.size) return numbers;
  for (const { json } of rows) {
    const { cells = [] }: { cells?: readonly [columnId: number, value: unknown][] } = JSON.parse(json);
    for (const [columnId, value] of cells) if (typeof value !== "number" && value !== null) numbers.delete(columnId);
  }
  return numbers;
}
