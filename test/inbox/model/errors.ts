/** Errors, and what the equal ones share. */
export const ERRORS: readonly (readonly [text: string, key: string])[] = [
  ["boom", "boom"],
  ["Error: no row 4509506114742148\n    at somewhere", "Error: no row …"],
  ["Error: no row 1229759569678212", "Error: no row …"],
  ["  HTTP 503 \nagain", "HTTP 503"],
];

const keys = new Map(ERRORS);

export function keyOf(error: string): string {
  const key = keys.get(error);
  if (key !== undefined) return key;
  return error.split("\n", 1)[0]!;
}
