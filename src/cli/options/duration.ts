import { InvalidArgumentError, type Option } from "commander";
import { type NO_VARIABLE, setting } from "./setting.ts";

const UNITS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds of `500ms`, `90s`, `15m`, `12h` or `7d`; undefined if it is none of these. */
export function parseDuration(text: string): number | undefined {
  const [, count, unit] = /^(\d{1,9})(ms|s|m|h|d)$/.exec(text.trim()) ?? [];
  return count && unit ? Number(count) * UNITS[unit]! : undefined;
}

/** An option that takes a duration as milliseconds; if it may be `off`, undefined stands for that. */
export function durationSetting(
  name: string,
  description: string,
  variable: string | typeof NO_VARIABLE,
  min: string,
  max: string,
  fallback: string,
  off: "off" | undefined = fallback === "off" ? fallback : undefined,
): Option {
  const parse = (text: string): number | undefined => {
    if (off && text === off) return undefined;
    const ms = parseDuration(text);
    if (ms !== undefined && ms >= parseDuration(min)! && ms <= parseDuration(max)!) return ms;
    const bounds = `from ${min} to ${max}${off ? ", or off" : ""}`;
    throw new InvalidArgumentError(`It should be a duration ${bounds}; durations are written 90s, 15m, 12h, 7d.`);
  };
  return setting(`${name} <duration>`, description, variable, parse, parse(fallback)).default(
    parse(fallback),
    fallback,
  );
}
