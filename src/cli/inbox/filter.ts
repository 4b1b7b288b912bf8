import { type Command, InvalidArgumentError } from "commander";
import { errorKey } from "../../inbox/error_key.ts";
import type { CallbackFilter, CallbackState } from "../../inbox/inspect.ts";
import { parseId } from "../../smartsheet/ids.ts";
import { parseDuration } from "../options/duration.ts";
import { NO_VARIABLE, oneOf, setting, smartsheetId, text } from "../options/setting.ts";
import { usageError } from "../terminal/usage_error.ts";

/** The values of the options of {@link addFilter}. */
export interface FilterOptions {
  readonly state?: readonly CallbackState[];
  readonly sheet?: number;
  readonly webhook?: number;
  readonly since?: number;
  readonly until?: number;
  readonly error?: string;
}

/** Adds the options that choose callbacks. Only a command that changes nothing reads them from the environment. */
export function addFilter(command: Command, isReadOnly: boolean): Command {
  const variable = (name: string) => isReadOnly ? name : NO_VARIABLE;
  return command
    .addOption(
      setting("--state <states>", "pending, done, discarded, dead (commas)", variable("SHEETHOOK_INBOX_STATE"), states),
    )
    .addOption(setting("--sheet <id>", "callbacks of this sheet", variable("SHEETHOOK_INBOX_SHEET"), smartsheetId))
    .addOption(
      setting("--webhook <id>", "callbacks of this webhook", variable("SHEETHOOK_INBOX_WEBHOOK"), smartsheetId),
    )
    .addOption(setting("--since <time>", "accepted at that time or later", variable("SHEETHOOK_INBOX_SINCE"), time))
    .addOption(setting("--until <time>", "accepted before that time", variable("SHEETHOOK_INBOX_UNTIL"), time))
    .addOption(
      setting(
        "--error <text>",
        "with this error, as list --by error shows it",
        variable("SHEETHOOK_INBOX_ERROR"),
        error,
      ),
    );
}

/** The filter that the options describe; undefined without any. Only dead letters have an `error`. */
export function filterOf({ state, sheet, webhook, since, until, error }: FilterOptions): CallbackFilter | undefined {
  const states = state ?? (error === undefined ? undefined : ["dead"] as const);
  const filter = { states, scopeObjectId: sheet, webhookId: webhook, since, until, error };
  return Object.values(filter).some((value) => value !== undefined) ? filter : undefined;
}

/**
 * @param option what is for dead letters alone
 * @param name where the states are from
 * @throws {SheethookError} `option_invalid` for another state
 */
export function requireDead({ state }: FilterOptions, option: string, name = "--state"): void {
  const wrong = state?.find((state) => state !== "dead");
  if (wrong) throw usageError(`${name} is ${wrong}, but should be dead: ${option} is for dead letters`);
}

const state = oneOf("pending", "done", "discarded", "dead");

function states(value: string): CallbackState[] {
  return value.split(",").map((word) => state(word.trim()));
}

/** Also the first line of one of its errors, with its ids. */
function error(value: string): string {
  return errorKey(text(value));
}

const TIME = /^(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)(Z|[+-]\d\d:\d\d)?)?$/;

/** A time in ISO 8601, in UTC unless it has an offset, or an age. */
export function time(value: string): number {
  const agoMs = parseDuration(value);
  if (agoMs !== undefined) return Date.now() - agoMs;
  const [, day, hours = "00:00", zone = "Z"] = TIME.exec(value.trim()) ?? [];
  const ms = day ? Date.parse(`${day}T${hours}${zone}`) : NaN;
  if (!Number.isNaN(ms)) return ms;
  throw new InvalidArgumentError("It should be a time such as 2026-01-31T08:00Z, or how long ago, such as 2h.");
}

/** The number that an inbox gave a callback. */
export function callbackId(value: string): number {
  const id = parseId(value);
  if (id !== undefined) return id;
  throw new InvalidArgumentError("It should be the number of a callback, as `inbox list` shows it.");
}

/** Several of them, each once. */
export function callbackIds(value: string, before: readonly number[] = []): number[] {
  return [...new Set([...before, callbackId(value)])];
}

export const FILTER_HELP = `
Times are ISO 8601, in UTC unless they have an offset (2026-01-31,
2026-01-31T08:00Z, 2026-01-31T08:00:00+02:00), or an age (90s, 15m, 12h, 7d).`;
