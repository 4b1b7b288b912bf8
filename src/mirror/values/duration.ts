import { isObject } from "../../json.ts";

/** The units of a duration, the longest first, with the letters that Smartsheet writes. */
const UNITS = [["w", "weeks"], ["d", "days"], ["h", "hours"], ["m", "minutes"], ["s", "seconds"], [
  "ms",
  "milliseconds",
]] as const;

/**
 * Reads a duration such as `4d 6h 30m`, `-1.5d` or `e2d` (elapsed: days off count, too) into the API's object; undefined for
 * anything else. Units are in English.
 */
export function parseDuration(text: string): Record<string, unknown> | undefined {
  const [, sign, elapsed, parts] = /^([+-]?)\s*(e?)((?:\s*\d+(?:\.\d+)?(?:w|d|h|ms|m|s))+)$/.exec(text.trim()) ?? [];
  if (!parts) return undefined;
  const duration: Record<string, unknown> = { objectType: "DURATION" };
  for (const [, amount, letter] of parts.matchAll(/(\d+(?:\.\d+)?)(ms|[wdhms])/g)) {
    const [, unit] = UNITS.find(([each]) => each === letter)!;
    if (unit in duration) return undefined;
    duration[unit] = Number(amount);
  }
  if (elapsed) duration.elapsed = true;
  if (sign === "-") duration.negative = true;
  return duration;
}

/** The API's object as `4d 6h 30m`, with `-` in front if it is negative; undefined for anything else. */
export function durationText(duration: unknown): string | undefined {
  if (!isObject(duration)) return undefined;
  const parts = UNITS.flatMap(([letter, unit]) => duration[unit] ? [`${duration[unit]}${letter}`] : []);
  if (!parts.length) return undefined;
  return `${duration.negative ? "-" : ""}${duration.elapsed ? "e" : ""}${parts.join(" ")}`;
}
