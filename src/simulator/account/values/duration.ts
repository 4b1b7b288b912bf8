import type { CellContent, ObjectValue } from "../sheet.ts";
import type { GivenValue } from "./given_value.ts";

const UNITS = { weeks: "w", days: "d", hours: "h", minutes: "m", seconds: "s", milliseconds: "ms" } as const;
type Unit = keyof typeof UNITS;
const NAMES = Object.keys(UNITS) as Unit[];

/** `4d 6h 30m`, or a `DURATION`. Leniently, a number is days. */
export function parseDuration({ value, object, isStrict }: GivenValue): CellContent | undefined {
  if (object) return contentOf(readDuration(object));
  if (isStrict) return contentOf(durationOf(value));
  return contentOf(durationOf(value) ?? (value !== "" && Number(value) >= 0 ? { days: Number(value) } : undefined));
}

/** The parts of a duration. */
export type Duration = Readonly<Partial<Record<Unit, number>>> & {
  /** In time that passes, not in working time. */
  readonly elapsed?: true;
  readonly negative?: true;
};

/** Reads text such as `4d 6h`; `e4h` is elapsed time, `-1d` negative. */
export function durationOf(text: unknown): Duration | undefined {
  const [, minus, elapsed, parts] =
    /^([+-])?\s*(e)?((?:\d+(?:\.\d+)?(?:w|d|h|ms|m|s)\s*)+)$/.exec(String(text).trim()) ?? [];
  if (typeof text !== "string" || !parts) return undefined;
  const duration: Record<string, number | true> = {};
  for (const [, count, unit] of parts.matchAll(/(\d+(?:\.\d+)?)(ms|[wdhms])/g)) {
    duration[NAMES.find((name) => UNITS[name] === unit)!] = Number(count);
  }
  return { ...duration, ...(elapsed ? { elapsed: true } : {}), ...(minus === "-" ? { negative: true } : {}) };
}

/** Reads a `DURATION` from a request. */
export function readDuration(object: unknown): Duration | undefined {
  const given = Object(object) as Record<string, unknown>;
  if (given.objectType !== undefined && given.objectType !== "DURATION") return undefined;
  const parts = NAMES.filter((name) => given[name] !== undefined && given[name] !== null);
  if (!parts.length || !parts.every((name) => typeof given[name] === "number" && given[name] >= 0)) return undefined;
  return {
    ...Object.fromEntries(parts.map((name) => [name, given[name]])),
    ...(given.elapsed === true ? { elapsed: true } : {}),
    ...(given.negative === true ? { negative: true } : {}),
  };
}

/** The text of a duration, without its sign. */
export function durationText(duration: Duration): string {
  const parts = NAMES.filter((name) => duration[name] !== undefined).map((name) => `${duration[name]}${UNITS[name]}`);
  return `${duration.elapsed ? "e" : ""}${parts.join(" ")}`;
}

/** The object of a duration. */
export function durationObject(duration: Duration): ObjectValue {
  return { objectType: "DURATION", ...duration };
}

function contentOf(duration: Duration | undefined): CellContent | undefined {
  if (!duration || duration.negative) return undefined;
  return { value: durationText(duration), objectValue: durationObject(duration) };
}
