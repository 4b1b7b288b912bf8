import type { Reconcile } from "../../../callback/reconcile.ts";
import { foundText } from "../../../mirror/reconcile/found_text.ts";
import type { StoredFound } from "../../../mirror/reconcile/read_found.ts";
import { printable } from "../../../text.ts";
import { card } from "../parts/card.ts";
import { type Markup, markup } from "../markup.ts";

/** Why a sheet is compared with its mirror, in words. */
export const REASONS: Readonly<Record<Reconcile["reason"], string>> = {
  disabled: "its webhook was disabled",
  silent: "it changed without a callback",
  scheduled: "by schedule",
  manual: "by hand",
};

/** What the comparison of a whole sheet with its mirror was for, and what it found. */
export function foundCard({ reason, since }: Reconcile, found: StoredFound | undefined): Markup {
  const from = found?.gap?.since ?? since;
  const result = found?.isComplete ? `The sheet was ${foundText(found.gap)}.` : "The sheet isn't compared yet.";
  return card(
    "found",
    "Comparison of the whole sheet",
    markup`<p>${result}</p>
${from !== undefined && markup`<p>Callbacks may be missing since <span class="id">${printable(from)}</span>.</p>`}
${found?.gap && markup`<p class="faint">Not known: ${found.gap.unknown.join("; ")}.</p>`}`,
    `Why: ${REASONS[reason]}`,
  );
}
