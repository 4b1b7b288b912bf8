const DATE_TIME = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?)(?:Z|([+-]\d\d):?(\d\d))$/;

/**
 * Milliseconds since 1970 of a Smartsheet date-time, or NaN. Takes `Z`, `+00:00` and the `+0000` that Smartsheet sent
 * up to 2021 and that not every runtime's `Date.parse` reads.
 */
export function parseTimestamp(text: string): number {
  const [, local, hours, minutes] = DATE_TIME.exec(text) ?? [];
  return local ? Date.parse(local + (hours ? `${hours}:${minutes}` : "Z")) : NaN;
}
