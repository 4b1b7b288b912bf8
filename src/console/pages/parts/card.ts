import { type Markup, markup, type Part } from "../markup.ts";

/** A section of a page with its own heading. */
export function card(id: string, title: string, content: Part, note?: Part): Markup {
  return markup`<section class="card" aria-labelledby="${id}-title">
<div class="card-head"><h2 id="${id}-title">${title}</h2>${
    note !== undefined && markup`<p class="faint">${note}</p>`
  }</div>
${content}
</section>`;
}
