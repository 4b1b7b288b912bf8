import { printable, withVisibleControls } from "../../../text.ts";
import { type Markup, markup, type Part } from "../markup.ts";
import { errorLine, withoutEmails } from "../without_emails.ts";

/** The first line of an error, for a cell of a table; the whole of it is a click away. Without e-mail addresses. */
export function errorDetails(error: string, id: string): Part {
  const line = errorLine(error);
  if (line === error.trim()) return line;
  return markup`<details id="${id}"><summary>${line}</summary>${errorBlock(error)}</details>`;
}

/** An error's message whole; its stack and causes are a click away. Without e-mail addresses. */
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
