const MAX_LENGTH = 200;
/** Times, UUIDs and ids: they make the text of each error another. */
const VARIABLE = /\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:?\d\d)?|\b(?=[\da-f-]*\d)[\da-f-]{8,}\b|\d{5,}/gi;

/** What equal errors share: the first line of an error's text, with `…` for times and ids. At most 200 characters. */
export function errorKey(error: string): string {
  const line = error.trimStart().split("\n", 1)[0]!.trimEnd();
  return line.replace(VARIABLE, "…").slice(0, MAX_LENGTH);
}
