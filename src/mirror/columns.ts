import type { Column } from "../api/sheet.ts";
import { SheethookError } from "../errors.ts";
import { editDistance, isSimilar } from "../text.ts";

const MOST_TITLES = 50;

/**
 * The id of a column by its title among those that came with a read. An id is returned as it is.
 *
 * @param otherwise what to do about a title that isn't there, if no other one is similar
 * @throws {SheethookError} `column_unknown` for a title that isn't there or that two columns have
 */
export function columnIdOf(columns: readonly Column[], titleOrId: string | number, otherwise = ""): number {
  if (typeof titleOrId === "number") return titleOrId;
  const [found, twin] = columns.filter(({ title }) => title === titleOrId);
  if (!found) throw unknownColumn(columns, titleOrId, otherwise);
  if (!twin) return found.id;
  const ids = columns.filter(({ title }) => title === titleOrId).map(({ id }) => id);
  throw new SheethookError(
    "column_unknown",
    `${ids.length} columns have the title ${JSON.stringify(titleOrId)}: use an id, ${ids.join(" or ")}. ${
      titlesOf(columns)
    }`,
  );
}

/**
 * A column by its title or id.
 *
 * @throws {SheethookError} `column_unknown` for one that isn't there, and for a title that two columns have
 */
export function columnOf(columns: readonly Column[], titleOrId: string | number): Column {
  const id = columnIdOf(columns, titleOrId);
  const column = columns.find((column) => column.id === id);
  if (!column) throw unknownColumn(columns, titleOrId);
  return column;
}

function unknownColumn(columns: readonly Column[], titleOrId: string | number, otherwise = ""): SheethookError {
  const near = typeof titleOrId === "string" ? nearest(columns.map(({ title }) => title), titleOrId) : undefined;
  const hint = near === undefined ? otherwise : `did you mean ${JSON.stringify(near)}? `;
  const name = typeof titleOrId === "string" ? `title ${JSON.stringify(titleOrId)}` : `id ${titleOrId}`;
  return new SheethookError("column_unknown", `No column has the ${name}: ${hint}${titlesOf(columns)}`);
}

/** The most similar one; undefined if none is. */
function nearest(titles: readonly string[], wanted: string): string | undefined {
  const distance = (title: string) => editDistance(title.toLowerCase().trim(), wanted.toLowerCase().trim());
  return titles.filter((title) => isSimilar(title.trim(), wanted.trim()))
    .sort((a, b) => distance(a) - distance(b))[0];
}

function titlesOf(columns: readonly Column[]): string {
  const titles = [...new Set(columns.map(({ title }) => JSON.stringify(title)))];
  const more = titles.length > MOST_TITLES ? ` and ${titles.length - MOST_TITLES} more` : "";
  return `The columns are ${titles.slice(0, MOST_TITLES).join(", ")}${more}`;
}
