import { isSimilar } from "./text.ts";

/** What went wrong, as a word that a program can compare; the message is for people. */
export type ErrorCode =
  | "option_invalid"
  | "listen_failed"
  | "certificate_unusable"
  | "body_too_large"
  | "body_timeout"
  | "body_unreadable"
  | "bodies_full"
  | "callback_invalid"
  | "challenge_invalid"
  | "inbox_full"
  | "inbox_unusable"
  | "inbox_away"
  | "lease_lost"
  | "timeout"
  | "step_invalid"
  | "retry_later"
  | "skip"
  | "discard"
  | "column_unknown"
  | "value_invalid"
  | "api_refused"
  | "api_unanswered";

/** The one error class of sheethook: compare `code`, read `message`, look into `cause`. */
export class SheethookError extends Error {
  /** Always "SheethookError", or the name of the subclass. */
  override name = "SheethookError";
  /** What went wrong. */
  readonly code: ErrorCode;
  /** The option that it is about, as `message` names it; undefined if it is about none. */
  readonly option: string | undefined;

  /** `options.option`: the option that it is about. */
  constructor(code: ErrorCode, message: string, options: ErrorOptions & { readonly option?: string | undefined } = {}) {
    super(message, options);
    this.code = code;
    this.option = options.option;
  }
}

/**
 * Thrown by a handler that knows when it should run again. It counts as an attempt, and the lane waits.
 *
 * @example
 * ```ts
 * import { createReceiver, RetryLater } from "sheethook";
 *
 * createReceiver({ secrets: "3qo29mvjou6xt5fujukjtwzhj0" }).on("row.created", async (_event, context) => {
 *   const response = await context.fetch("https://example.com/orders", { method: "POST" });
 *   if (response.status === 429) throw new RetryLater(60_000);
 * });
 * ```
 */
export class RetryLater extends SheethookError {
  /** Always "RetryLater". */
  override name = "RetryLater";
  /** Milliseconds until the next attempt; over 30 days is taken as 30 days. */
  readonly delayMs: number;

  /**
   * `reason` is logged, and kept in the inbox.
   *
   * @throws {SheethookError} `option_invalid` unless `delayMs` is a finite number of at least 0
   */
  constructor(delayMs: number, reason = `Handler asked to run again in ${delayMs} ms`) {
    super("retry_later", reason);
    this.delayMs = requireNumber("RetryLater: delayMs", delayMs, 0);
  }
}

/**
 * Thrown by a handler to end its call for good, without a retry; the callback goes on with the next call.
 *
 * @example
 * ```ts
 * import { createReceiver, Skip } from "sheethook";
 *
 * createReceiver({ secrets: "3qo29mvjou6xt5fujukjtwzhj0" }).on("row.updated", async (event, context) => {
 *   const response = await context.fetch(`https://example.com/orders/${event.id}`, { method: "POST" });
 *   if (response.status === 404) throw new Skip(`Row ${event.id} is no order`);
 * });
 * ```
 */
export class Skip extends SheethookError {
  /** Always "Skip". */
  override name = "Skip";

  /** `reason` is logged. */
  constructor(reason = "Handler skipped the call") {
    super("skip", reason);
  }
}

/** Thrown by a handler to end its callback for good: no further call, no retry, no dead letter. */
export class Discard extends SheethookError {
  /** Always "Discard". */
  override name = "Discard";

  /** `reason` is logged, and kept in the inbox. */
  constructor(reason = "Handler discarded the callback") {
    super("discard", reason);
  }
}

/**
 * The `delayMs` of a `RetryLater`, also of one of another installed copy of sheethook (a handlers' module may bring its own);
 * undefined for anything else. Never throws, whatever was thrown.
 */
export function retryDelayOf(thrown: unknown): number | undefined {
  if (!hasCode(thrown, "retry_later")) return undefined;
  const delayMs = propertyOf(thrown, "delayMs");
  return typeof delayMs === "number" ? delayMs : undefined;
}

/** True for a `Skip`, also one of another installed copy of sheethook. Never throws. */
export function isSkip(thrown: unknown): boolean {
  return hasCode(thrown, "skip");
}

/** True for a `Discard`, also one of another installed copy of sheethook. Never throws. */
export function isDiscard(thrown: unknown): boolean {
  return hasCode(thrown, "discard");
}

/** True if `thrown` says that another worker has the lane now. Never throws. */
export function isLeaseLost(thrown: unknown): boolean {
  return hasCode(thrown, "lease_lost");
}

function hasCode(thrown: unknown, code: ErrorCode): boolean {
  try {
    return thrown instanceof Error && (thrown as Partial<SheethookError>).code === code;
  } catch {
    // A getter, or a proxy's trap.
    return false;
  }
}

/** A property of anything; undefined if there is none, or if looking at it throws. */
export function propertyOf(value: unknown, name: string): unknown {
  try {
    return (value as Record<string, unknown> | null | undefined)?.[name];
  } catch {
    return undefined;
  }
}

/** An option that was given and can't be used: states what it is and what it should be. */
export function optionError(name: string, value: unknown, shouldBe: string): SheethookError {
  return new SheethookError("option_invalid", `${name} is ${show(value)}, but should be ${shouldBe}`, { option: name });
}

/** Returns `value` if it is a finite number from `min` to `max`. @throws {SheethookError} `option_invalid` */
export function requireNumber(name: string, value: unknown, min: number, max = Infinity): number {
  if (typeof value === "number" && Number.isFinite(value) && value >= min && value <= max) return value;
  throw optionError(name, value, `a number ${max === Infinity ? `of at least ${min}` : `from ${min} to ${max}`}`);
}

/** Returns `value` if it is a whole number from 1 to `max`. @throws {SheethookError} `option_invalid` */
export function requireInteger(name: string, value: unknown, max = Infinity): number {
  if (Number.isSafeInteger(value) && Number(value) >= 1 && Number(value) <= max) return Number(value);
  throw optionError(name, value, `a whole number ${max === Infinity ? "of at least 1" : `from 1 to ${max}`}`);
}

/** Returns `value` if it is a function. @throws {SheethookError} `option_invalid` */
export function requireFunction<Wanted>(name: string, value: Wanted): Wanted {
  if (typeof value === "function") return value;
  throw optionError(name, value, "a function");
}

/** Returns `value` if a timer can wait that long, in milliseconds. @throws {SheethookError} `option_invalid` */
export function requireMs(name: string, value: unknown, min = 1): number {
  return requireNumber(name, value, min, 2 ** 31 - 1);
}

/**
 * Refuses an option that isn't a key of `known`: in plain JavaScript nothing else notices a misspelt one.
 *
 * @throws {SheethookError} `option_invalid`
 */
export function requireKnownOptions(call: string, options: object, known: object): void {
  if (typeof options !== "object" || !options) throw optionError(`The options of ${call}()`, options, "an object");
  const names = Object.keys(known);
  for (const name of Object.keys(options)) {
    if (names.includes(name)) continue;
    const similar = names.find((other) => isSimilar(name, other));
    const hint = similar ? `did you mean ${similar}? There are ${names.join(", ")}` : `there are ${names.join(", ")}`;
    throw new SheethookError("option_invalid", `${call}() has no option ${JSON.stringify(name)}: ${hint}`);
  }
}

/** A value as an error names it. */
export function show(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  return Array.isArray(value) ? "a list" : typeof value === "object" && value ? "an object" : String(value);
}

/**
 * What can be said of anything that was thrown: of an object that is no error, such as the official SDK throws, its
 * `message` and the numbers in it. Never throws, whatever the thrown thing does.
 */
export function messageOf(thrown: unknown): string {
  try {
    if (thrown instanceof SheethookError) return thrown.message;
    if (thrown instanceof Error) {
      const code = thrown.message ? undefined : propertyOf(thrown, "code");
      return `${thrown.name}: ${typeof code === "string" ? code : thrown.message}`;
    }
    const message = propertyOf(thrown, "message");
    if (typeof message !== "string" || !message) return `Thrown: ${show(thrown)}`;
    const details = DETAILS.flatMap((name) => {
      const value = propertyOf(thrown, name);
      return typeof value === "number" || typeof value === "string" ? [`${name} ${value}`] : [];
    });
    return `Thrown: ${message}${details.length ? ` (${details.join(", ")})` : ""}`;
  } catch {
    return "An error without a message";
  }
}

/** The properties that HTTP clients put on the objects that they throw. */
const DETAILS = ["errorCode", "statusCode", "status", "code", "refId"];
