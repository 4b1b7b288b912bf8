import { printable, withVisibleControls } from "../../../text.ts";
import { type Markup, markup, type Part } from "../markup.ts";
import { errorLine, withoutEmails } from "../without_emails.ts";

/** The first line of an error for a table cell, expandable to the whole error. E-mail addresses are masked. */
export function errorDetails(error: string, id: string): Part {
  const line = errorLine(error);
  if (line === error.trim()) return line;
  return markup`<details id="${id}"><summary>${line}</summary>${errorBlock(error)}</details>`;
}

/** The message of an error, expandable to its stack and causes. E-mail addresses are masked. */
export function errorMessage(error: string, id: string): Markup {
  const [message = "", ...rest] = withoutEmails(error.trim()).split("\n");
  return markup`<p class="error-message">${printable(message)}</p>
${
    rest.length > 0 &&
    markup`<details id="${id}"><summary>Stack and causes</summary>${errorBlock(rest.join("\n"))}</details>`
  }`;
}

function errorBlock(text: string): Markup {
  return markup`<pre class="error-text">${withVisibleControls(withoutEmails(text.trimEnd()))}</pre>`;
}
