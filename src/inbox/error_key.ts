import { printable, replaceEmails } from "../text.ts";

const MAX_LENGTH = 200;
/** What Smartsheet gives each refused request, as errors of its API, its SDK and a webhook's `disabledDetails` write it. */
const REF_ID = /\b(ref ?id[\s:="']{1,4})[\w-]+/gi;
/** Times, UUIDs and ids: they make the text of each error another. */
const VARIABLE = /\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:?\d\d)?|\b(?=[\da-f-]*\d)[\da-f-]{8,}\b|\d{5,}/gi;

/**
 * What equal errors share: the first line of an error's text, with `…` for times, ids (also a `refId`) and e-mail
 * addresses. At most 200 characters, which can be shown, copied and put into a URL as they are.
 */
export function errorKey(error: string): string {
  const line = error.trimStart().split("\n", 1)[0]!;
  const key = printable(replaceEmails(line.replace(REF_ID, "$1…").replace(VARIABLE, "…"), "…")).slice(0, MAX_LENGTH);
  // Not half a character.
  return key.replace(/[\ud800-\udbff]$/, "").trimEnd();
}
