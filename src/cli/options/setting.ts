import { type Command, InvalidArgumentError, Option } from "commander";
import process from "node:process";
import { optionError } from "../../errors.ts";
import { parseServeOptions } from "../../serve/options.ts";
import { ID_SHAPE, parseId } from "../../smartsheet/ids.ts";

/**
 * An option with a value and an environment variable. A flag that is given wins; a blank variable counts as not set,
 * because compose files and CI write "none" that way. Options that choose what a command deletes, replays or changes have
 * no variable ({@link NO_VARIABLE}): an environment that is left over must not choose.
 */
export function setting<T>(
  flags: string,
  description: string,
  variable: string | typeof NO_VARIABLE,
  parse: (text: string) => T,
  fallback?: T,
): Option {
  const option = new Option(flags, description);
  if (fallback !== undefined) option.default(fallback, String(fallback));
  if (variable === NO_VARIABLE) return option.argParser(parse);
  option.env(variable);
  return option.argParser((text: string, previous: T) => {
    return !text.trim() && process.env[variable] === text ? previous : parse(text);
  });
}

/** In place of a variable: the option has none. */
export const NO_VARIABLE = Symbol("no environment variable");

/** An option without a value, and its environment variable: see {@link settleOptions}. */
export function flag(flags: string, description: string, variable: string): Option {
  return new Option(flags, description).env(variable);
}

/**
 * Corrects two things that commander does: it takes any value of a flag's variable for yes, even `0`, and turns "not set"
 * (also `off`) into an empty text.
 *
 * @throws {SheethookError} `option_invalid` for a flag's variable that is neither yes nor no
 */
export function settleOptions(command: Command): void {
  for (const option of command.options) {
    const name = option.attributeName();
    const source = command.getOptionValueSource(name);
    if (command.getOptionValue(name) === "") command.setOptionValueWithSource(name, undefined, source);
    if (!option.isBoolean() || source !== "env") continue;
    const text = process.env[option.envVar!] ?? "";
    if (!/^\s*(1|true|yes|on|0|false|no|off)?\s*$/i.test(text)) throw optionError(option.envVar!, text, "1 or 0");
    command.setOptionValueWithSource(name, /^\s*(1|true|yes|on)\s*$/i.test(text) || undefined, source);
  }
}

/** Any text but a blank one. */
export function text(value: string): string {
  if (!value.trim()) throw new InvalidArgumentError("It should not be blank.");
  return value;
}

/** One of `words`. */
export function oneOf<const Word extends string>(...words: Word[]): (value: string) => Word {
  return (value) => {
    const word = words.find((word) => word === value);
    if (!word) throw new InvalidArgumentError(`It should be ${words.length > 1 ? "one of " : ""}${words.join(", ")}.`);
    return word;
  };
}

/** A whole number from `min` to `max`. */
export function wholeNumber(min: number, max: number): (value: string) => number {
  return (value) => {
    const number = /^-?\d{1,16}$/.test(value.trim()) ? Number(value) + 0 : NaN;
    if (number >= min && number <= max) return number;
    throw new InvalidArgumentError(`It should be a whole number from ${min} to ${max}.`);
  };
}

/** An id of Smartsheet. */
export function smartsheetId(value: string): number {
  const id = parseId(value.trim());
  if (id !== undefined) return id;
  throw new InvalidArgumentError(`It should be ${ID_SHAPE}.`);
}

/** Ids with commas between them. */
export function smartsheetIds(value: string): number[] {
  return value.split(",").map(smartsheetId);
}

/** One of several ids given as arguments, each once. */
export function collectIds(value: string, before: readonly number[] = []): number[] {
  return [...new Set([...before, smartsheetId(value)])];
}

/** An option that may be given several times, or with commas, or both. */
export function listSetting(flags: string, description: string, variable: string, fallback: readonly string[]): Option {
  const option = new Option(flags, description).env(variable).default(fallback, fallback.join(","));
  const parse = (value: string) => {
    const items = value.split(",").map((item) => item.trim());
    if (items.some((item) => !item)) throw new InvalidArgumentError("None of them should be blank.");
    return items;
  };
  return option.argParser((text: string, previous: readonly string[]) => {
    if (!text.trim() && process.env[variable] === text) return previous;
    return previous === fallback ? parse(text) : [...previous, ...parse(text)];
  });
}

/** A path that a server can have. @throws {SheethookError} `option_invalid` */
export function callbackPath(value: string): string {
  return parseServeOptions({ fetch: () => Response.error(), path: value }).path;
}
