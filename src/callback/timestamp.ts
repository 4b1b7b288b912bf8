const DATE = String.raw`\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])`;
const TIME = String.raw`(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?`;
const DATE_TIME = new RegExp(`^(${DATE}T${TIME})(?:Z|([+-]\\d\\d):?(\\d\\d))$`);

/** True for a date-time as Smartsheet writes it: with `Z`, `+00:00`, or, until 2021, `+0000`. */
export function isTimestamp(value: unknown): value is string {
  return typeof value === "string" && DATE_TIME.test(value);
}

/**
 * Milliseconds since 1970 of a Smartsheet date-time, or NaN. `Date.parse` of some runtimes doesn't read `+0000`.
 */
export function parseTimestamp(text: string): number {
  const [, local, hours, minutes] = DATE_TIME.exec(text) ?? [];
  return local ? Date.parse(local + (hours ? `${hours}:${minutes}` : "Z")) : NaN;
}
