import { messageOf, SheethookError } from "../errors.ts";
import type { ProblemStatus } from "./problem.ts";

/** An answer other than 200; the reason goes into the log, never into the answer. */
export class Refusal extends Error {
  readonly status: ProblemStatus;
  readonly properties: Record<string, unknown>;
  readonly level: "debug" | "warn" | "error";
  /** Too much comes in at once: refusals like this one come in great numbers. */
  readonly isOverload: boolean;

  constructor(
    status: ProblemStatus,
    reason: string,
    properties: Record<string, unknown> = {},
    options: ErrorOptions & { readonly level?: "debug"; readonly isOverload?: boolean } = {},
  ) {
    super(reason, options);
    this.status = status;
    this.properties = properties;
    this.level = options.level ?? (status >= 500 ? "error" : "warn");
    this.isOverload = options.isOverload ?? false;
  }
}

const STATUS_OF: Partial<Record<SheethookError["code"], ProblemStatus>> = {
  body_too_large: 413,
  body_timeout: 408,
  body_unreadable: 400,
  bodies_full: 503,
  challenge_invalid: 400,
  callback_invalid: 400,
};

/** What is answered to anything that was thrown. */
export function refusalOf(thrown: unknown): Refusal {
  if (thrown instanceof Refusal) return thrown;
  const code = thrown instanceof SheethookError ? thrown.code : undefined;
  const status = code === undefined ? undefined : STATUS_OF[code];
  return new Refusal(status ?? 503, messageOf(thrown), {}, { cause: thrown, isOverload: code === "bodies_full" });
}

/** Returns a function that returns true when it hasn't for a minute. */
export function createOncePerMinute(now: () => number = () => performance.now()): () => boolean {
  let lastAt = -Infinity;
  return () => {
    if (now() - lastAt < 60_000) return false;
    lastAt = now();
    return true;
  };
}
