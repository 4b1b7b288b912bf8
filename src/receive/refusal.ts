import { messageOf, SheethookError } from "../errors.ts";
import { levelOf, type ProblemStatus, statusOf } from "./problem.ts";

/** An answer other than 200; the reason goes into the log, never into the answer. */
export class Refusal extends Error {
  readonly status: ProblemStatus;
  readonly properties: Record<string, unknown>;
  readonly level: "debug" | "warn" | "error";
  /** Too many requests come in at once, and refusals like this one are as many. */
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
    this.level = options.level ?? levelOf(status);
    this.isOverload = options.isOverload ?? false;
  }
}

/** The answer to anything that was thrown. */
export function refusalOf(thrown: unknown): Refusal {
  if (thrown instanceof Refusal) return thrown;
  const code = thrown instanceof SheethookError ? thrown.code : undefined;
  return new Refusal(statusOf(code), messageOf(thrown), {}, { cause: thrown, isOverload: code === "bodies_full" });
}

/** Returns a function that returns true at most once a minute. */
export function createOncePerMinute(now: () => number = () => performance.now()): () => boolean {
  let lastAt = -Infinity;
  return () => {
    if (now() - lastAt < 60_000) return false;
    lastAt = now();
    return true;
  };
}
