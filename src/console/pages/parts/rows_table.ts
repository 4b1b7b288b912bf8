import { type Markup, markup, type Part } from "../markup.ts";

/**
 * A column's name and kind: `num` is never wrapped, `what` and `why` may be long, `head` goes into the first line of a
 * card, without the column's name.
 */
export type Column = readonly [name: string, kind?: "num" | "what" | "why" | "head"];

/** A table, with each row as a card on a narrow screen. Explicit roles keep it a table for screen readers then. */
export function rowsTable(columns: readonly Column[], rows: readonly (readonly Part[])[]): Markup {
  return markup`<table class="rows" role="table"><thead role="rowgroup"><tr role="row">${
    columns.map(([name]) => markup`<th role="columnheader" scope="col">${name}</th>`)
  }</tr></thead><tbody role="rowgroup">
${rows.map((cells) => markup`<tr role="row">${cells.map((cell, index) => cellOf(columns[index]!, cell))}</tr>`)}
</tbody></table>`;
}

/** A table with many short rows, in a scrolling area. */
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
  // Cards hide empty cells.
  const none = content === "–" && "none";
  return markup`<td role="cell" data-name="${name}" class="${kind} ${none}"><div>${content}</div></td>`;
}
