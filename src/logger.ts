import { errorText } from "./error_text.ts";
import { optionError, propertyOf } from "./errors.ts";
import { printable, withVisibleControls } from "./text.ts";
import { isThenable } from "./thenable.ts";
import { isSecretName, redact } from "./redact.ts";

/**
 * The log of what sheethook does. A LogTape logger is one as it stands; so is anything with these four.
 * `{name}` in a message stands for the property of that name. No secret and no payload value is ever a property.
 */
export interface Logger {
  /** Details, for debugging. */
  debug(message: string, properties?: Record<string, unknown>): void;
  /** What normally happens. */
  info(message: string, properties?: Record<string, unknown>): void;
  /** Something that a person should check. */
  warn(message: string, properties?: Record<string, unknown>): void;
  /** What has failed. */
  error(message: string, properties?: Record<string, unknown>): void;
}

const silent = () => {};

/** Warnings and errors on the console, nothing else: what a library may say unasked. */
export const consoleLogger: Logger = {
  debug: silent,
  info: silent,
  warn: (message, properties) => console.warn(formatMessage(message, properties)),
  error: (message, properties) => console.error(formatMessage(message, properties)),
};

/**
 * The same logger, but for what it throws or rejects with (an answer to Smartsheet can't depend on a log), and without
 * secrets, in whatever they are wrapped. Errors among the properties become texts.
 *
 * @throws {SheethookError} `option_invalid` unless it has the four functions of a logger
 */
export function createQuietLogger(logger: Logger): Logger {
  const levels = ["debug", "info", "warn", "error"] as const;
  if (!levels.every((level) => typeof propertyOf(logger, level) === "function")) {
    throw optionError("logger", logger, `an object with the functions ${levels.join(", ")}`);
  }
  const quiet = (level: keyof Logger): Logger[keyof Logger] => {
    if (logger[level] === silent) return silent;
    return (message, properties) => {
      try {
        const text = typeof message === "string" ? redact(message) : loggableValue(message, 0) as string;
        const returned: unknown = logger[level](text, properties && loggable(properties));
        if (isThenable(returned)) Promise.resolve(returned).catch(silent);
      } catch { /* There is nowhere left to say it. */ }
    };
  };
  return { debug: quiet("debug"), info: quiet("info"), warn: quiet("warn"), error: quiet("error") };
}

/** What of a log record's properties may be logged: the same object if all of it may. */
export function loggable(properties: Record<string, unknown>): Record<string, unknown> {
  let changed: Record<string, unknown> | undefined;
  for (const name in properties) {
    const value = properties[name];
    const allowed = typeof value === "string" && isSecretName(name) ? "***" : loggableValue(value, 0);
    if (allowed !== value) (changed ??= { ...properties })[name] = allowed;
  }
  return changed ?? properties;
}

const MAX_DEPTH = 6;
const MAX_ITEMS = 100;

function loggableValue(value: unknown, depth: number): unknown {
  if (typeof value === "string") return redact(value);
  if (typeof value !== "object" || value === null) return value;
  try {
    if (value instanceof Error) return errorText(value);
    if (value instanceof Date) return value;
    if (value instanceof URL) return redact(value.href);
    if (depth === MAX_DEPTH) return "...";
    if (Array.isArray(value)) return value.slice(0, MAX_ITEMS).map((item) => loggableValue(item, depth + 1));
    if (typeof propertyOf(value, "toJSON") === "function") {
      return loggableValue((value as { toJSON(): unknown }).toJSON(), depth + 1);
    }
    return Object.fromEntries(
      Object.entries(value).slice(0, MAX_ITEMS).map(([name, item]) => [
        redact(name),
        isSecretName(name) ? "***" : loggableValue(item, depth + 1),
      ]),
    );
  } catch (error) {
    return `(can't be shown: ${errorText(error)})`;
  }
}

/** The message with its `{name}`s replaced, and behind it the lines of an `error` that has more than one. */
export function formatMessage(message: string, properties: Record<string, unknown> = {}): string {
  const filled = message.replace(/\{(\w+)\}/g, (all, name) => name in properties ? String(properties[name]) : all);
  // What came from outside can't begin a line of its own.
  return `sheethook: ${printable(filled)}${errorDetails(properties.error)}`;
}

/** The lines of an error's text behind its first, each indented; empty if there is none. */
export function errorDetails(error: unknown): string {
  if (typeof error !== "string") return "";
  const lines = withVisibleControls(error).split("\n").slice(1);
  return lines.map((line) => `\n  ${line}`).join("");
}
