import { firstLine } from "../../error_text.ts";
import { printable } from "../../text.ts";

const EMAIL = /[^\s@<>"'(),;:]{1,64}@[^\s@<>"'(),;:]{1,253}\.[^\s@<>"'(),;:.]{2,63}/g;

/** The text with its e-mail addresses covered. What errors and change agents say may hold some. */
export function withoutEmails(text: string): string {
  return text.replace(EMAIL, "•••@•••");
}

/** The first line of an error, without e-mail addresses. */
export function errorLine(error: string, length = 140): string {
  const line = printable(withoutEmails(firstLine(error)));
  return line.length > length ? `${line.slice(0, length)}…` : line;
}
