/** What an id looks like, for messages. */
export const ID_SHAPE = "an id: up to 16 digits";

/** The same as a regular expression, for routes. */
export const ID_PATTERN = "[1-9][0-9]{0,15}";

const ID = new RegExp(`^${ID_PATTERN}$`);

/** The id in a text; undefined if it isn't one. */
export function parseId(text: string): number | undefined {
  const id = ID.test(text) ? Number(text) : NaN;
  return Number.isSafeInteger(id) ? id : undefined;
}
