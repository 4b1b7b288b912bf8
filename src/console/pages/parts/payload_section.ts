import type { StoredCallback } from "../../../inbox/inspect.ts";
import { withVisibleControls } from "../../../text.ts";
import { card } from "./card.ts";
import { type Markup, markup } from "../markup.ts";
import { type Shown, shownPath } from "./shown.ts";

const MAX_SHOWN = 256 * 1024;

/** The payload. It may hold values and e-mail addresses, so the page leaves it out unless `shown.payload`. */
export function payloadSection({ id, body }: StoredCallback, shown: Shown): Markup {
  const size = body.length < 1024 ? `${body.length} characters` : `${(body.length / 1024).toFixed(1)} KiB`;
  const path = shownPath(id, { ...shown, payload: !shown.payload }, "payload-title");
  return card(
    "payload",
    "Payload",
    shown.payload
      ? markup`<p class="actions"><a class="button" href="${path}">Hide payload</a>
<a class="button" href="/console/callbacks/${id}/payload.json">Download</a></p>
<pre class="payload" tabindex="0" role="region" aria-label="Payload">${printed(body)}</pre>
${body.length > MAX_SHOWN && markup`<p class="faint">Only its beginning is shown.</p>`}`
      : markup`<p class="actions"><a class="button" href="${path}">Show payload</a></p>`,
    `${size}, as Smartsheet sent it. It may hold cell values and e-mail addresses.`,
  );
}

/** Indents JSON, and makes control characters visible. */
function printed(body: string): string {
  let text = body;
  try {
    if (body.length <= MAX_SHOWN) text = JSON.stringify(JSON.parse(body), null, 2);
  } catch { /* Not JSON: shown as it is. */ }
  return withVisibleControls(text.slice(0, MAX_SHOWN));
}
