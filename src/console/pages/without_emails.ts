import { firstLine } from "../../error_text.ts";
import { printable, replaceEmails } from "../../text.ts";

/** Masks e-mail addresses, which errors and change agents may hold. */
export function withoutEmails(text: string): string {
  return replaceEmails(text, "•••@•••");
}

/** The first line of an error, shortened, with e-mail addresses masked. */
export function errorLine(error: string, length = 140): string {
  const line = printable(withoutEmails(firstLine(error)));
  return line.length > length ? `${line.slice(0, length)}…` : line;
}
