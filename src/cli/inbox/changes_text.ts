import type { StoredFound } from "../../mirror/reconcile/read_found.ts";
import { printable } from "../../text.ts";
import { countText } from "../terminal/count_text.ts";

/** Changes that `inbox show` lists. */
export const MOST_CHANGES = 20;
const MOST_TITLES = 10;

/** `3 rows` */
export function changesText({ count, isComplete }: StoredFound): string {
  return `${countText(count, "row")}${isComplete ? "" : " so far"}`;
}

/** A line for each of the first changes, without values: `  updated row 7: Status, Amount`. */
export function changeLines({ changes, count }: StoredFound): string[] {
  const lines = changes.map(({ kind, row, columns }) => {
    const titles = columns.slice(0, MOST_TITLES).map(({ title }) => printable(title));
    if (columns.length > MOST_TITLES) titles.push(`${columns.length - MOST_TITLES} more`);
    return `  ${kind} row ${row.id}${titles.length ? `: ${titles.join(", ")}` : ""}`;
  });
  if (count > changes.length) lines.push(`  ... and ${count - changes.length} more`);
  return lines;
}

/** For a program, without values. */
export function changesJson({ changes, count, isComplete, gap }: StoredFound) {
  const { created, updated, deleted, since, until, isComplete: complete } = gap ?? {};
  return {
    changes: {
      count,
      derived: isComplete,
      first: changes.map(({ kind, row, columns }) => ({
        ...{ kind, rowId: row.id },
        columns: columns.map(({ columnId, title }) => ({ columnId, title })),
      })),
    },
    ...(gap && { found: { since, until, created, updated, deleted, complete } }),
  };
}
