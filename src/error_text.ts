import { messageOf, propertyOf, SheethookError } from "./errors.ts";
import { redact } from "./redact.ts";

/** What is kept and logged of an error, in characters. */
const MAX_LENGTH = 4000;
/** What is kept of one message, so that the stack and the causes have room. */
const MAX_MESSAGE = 1500;
const STACK_LINES = 12;
const CAUSE_STACK_LINES = 4;
const MAX_CAUSES = 5;
/** The folder that this file is in; in a bundle, a text that is in no stack. */
const OWN = /^(?:file:\/\/)?(.*\/)error_text\.\w+$/.exec(import.meta.url ?? "")?.[1] ?? "\n";
const NATIVE = /\(<anonymous>\)$|[( ](?:node|ext|native|internal):/;

/**
 * An error as it is logged and stored: its message, the lines of its stack (without ours around those of a handler), then
 * each cause behind `Caused by: `, with its own stack. Without secrets, and at most 4,000 characters. No other property is
 * ever in it: an HTTP client's error carries the whole request. Never throws, whatever was thrown.
 */
export function errorText(thrown: unknown): string {
  const lines = [messageText(thrown), ...stackLines(thrown, STACK_LINES)];
  const seen = new Set([thrown]);
  let causes = causesOf(thrown);
  for (let cause = causes.shift(); cause !== undefined && seen.size <= MAX_CAUSES; cause = causes.shift()) {
    if (seen.has(cause)) continue;
    seen.add(cause);
    lines.push(`Caused by: ${messageText(cause)}`, ...stackLines(cause, CAUSE_STACK_LINES));
    causes = [...causesOf(cause), ...causes];
  }
  return shorten(redact(lines.join("\n")), MAX_LENGTH);
}

/** The first line of an error's text: its message. */
export function firstLine(text: string): string {
  return text.trim().split("\n", 1)[0]!;
}

// Cut only behind `redact`: half a secret would not be found.
function messageText(thrown: unknown): string {
  return shorten(redact(messageOf(thrown)), MAX_MESSAGE);
}

function causesOf(thrown: unknown): unknown[] {
  const cause = propertyOf(thrown, "cause");
  const errors = propertyOf(thrown, "errors");
  // `fetch` on Node: one error for each address that was tried.
  const several = propertyOf(thrown, "name") === "AggregateError" ? listOf(errors) : [];
  return [...(cause === undefined || cause === null ? [] : [cause]), ...several];
}

function listOf(value: unknown): unknown[] {
  try {
    return Array.isArray(value) ? value.slice(0, MAX_CAUSES) : [];
  } catch {
    return [];
  }
}

function stackLines(thrown: unknown, most: number): string[] {
  const stack = propertyOf(thrown, "stack");
  if (typeof stack !== "string") return [];
  // In front of them stands the message, once more.
  const lines = stack.slice(-100_000).split("\n").filter((line) => /^\s+at /.test(line));
  return ofHandler(lines, thrown instanceof SheethookError).slice(0, most).map((line) => `    ${line.trim()}`);
}

/** Without our lines around those of a handler: those that call it and, of an error of ours, those that make it. */
function ofHandler(lines: readonly string[], isOurs: boolean): readonly string[] {
  // Bun leaves out those that end in a call.
  const callers = ["calls", "observer", "attempt"].map((name) => `${OWN}dispatch/${name}.`);
  const caller = lines.findIndex((line) => callers.some((name) => line.includes(name)));
  if (caller < 0) return lines;
  const first = lines.slice(0, caller).findIndex((line) => !NATIVE.test(line) && !line.includes(OWN));
  if (first < 0) return isOurs ? [] : lines;
  return lines.slice(isOurs ? first : 0, caller);
}

function shorten(text: string, most: number): string {
  if (text.length <= most) return text;
  const note = ` ... (${text.length - most} characters more)`;
  return text.slice(0, most - note.length) + note;
}
