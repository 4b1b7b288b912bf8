import { firstLine } from "../../error_text.ts";
import { printable } from "../../text.ts";

const EMAIL = /[^\s@<>"'(),;:]{1,64}@[^\s@<>"'(),;:]{1,253}\.[^\s@<>"'(),;:.]{2,63}/g;

/** Masks e-mail addresses, which errors and change agents may hold. */
export function withoutEmails(text: string): string {
  return text.replace(EMAIL, "•••@•••");
}

/** The first line of an error, shortened, with e-mail addresses masked. */
export function errorLine(error: string, length = 140): string {
  const line = printable(withoutEmails(firstLine(error)));
  return line.length > length ? `${line.slice(0, length)}…` : line;
}
