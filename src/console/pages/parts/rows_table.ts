import { type Markup, markup, type Part } from "../markup.ts";

/**
 * A column's name, and how its cells are set: `num` stays on one line, `what` and `why` may be long, `head` stands in the
 * first line of a card, without its name.
 */
export type Column = readonly [name: string, kind?: "num" | "what" | "why" | "head"];

/** A table; on a narrow screen one card a row. Roles, because what isn't displayed as a table else isn't one any more. */
export function rowsTable(columns: readonly Column[], rows: readonly (readonly Part[])[]): Markup {
  return markup`<table class="rows" role="table"><thead role="rowgroup"><tr role="row">${
    columns.map(([name]) => markup`<th role="columnheader" scope="col">${name}</th>`)
  }</tr></thead><tbody role="rowgroup">
${rows.map((cells) => markup`<tr role="row">${cells.map((cell, index) => cellOf(columns[index]!, cell))}</tr>`)}
</tbody></table>`;
}

/** A table of many short rows, which scrolls by itself. */
export function scrollTable(label: string, columns: readonly string[], rows: readonly (readonly Part[])[]): Markup {
  return markup`<div class="scroll" tabindex="0" role="region" aria-label="${label}"><table class="numbers">
<thead><tr>${columns.map((name) => markup`<th scope="col">${name}</th>`)}</tr></thead>
<tbody>${
    rows.map(([first, ...cells]) =>
      markup`<tr><th scope="row">${first}</th>${cells.map((cell) => markup`<td>${cell}</td>`)}</tr>
`
    )
  }</tbody></table></div>`;
}

function cellOf([name, kind]: Column, content: Part): Markup {
  // A card doesn't tell what there is nothing of.
  const none = content === "–" && "none";
  return markup`<td role="cell" data-name="${name}" class="${kind} ${none}"><div>${content}</div></td>`;
}
