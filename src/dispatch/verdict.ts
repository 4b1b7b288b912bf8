import type { CallName } from "../inbox/inbox.ts";
import { isDiscard, isSkip, propertyOf, retryDelayOf } from "../errors.ts";

/**
 * What follows when a call has thrown. `skip`: the callback goes on behind it; `discard`: the callback ends; `retry`: the call
 * runs again later; `dead`: it has used up its attempts, and the callback goes on behind it.
 */
export type Verdict = "skip" | "discard" | "retry" | "dead";

/** @param attempts how many the call has */
export function verdictOf(thrown: unknown, attempt: number, attempts: number): Verdict {
  if (isSkip(thrown)) return "skip";
  if (isDiscard(thrown)) return "discard";
  return attempt >= attempts ? "dead" : "retry";
}

/** Of reading rows, where the sheet is gone or the token may not see it: waiting longer would hold the sheet's lane for nothing. */
const ATTEMPTS_WITHOUT_ACCESS = 3;

/** How many attempts a call has, after what it has thrown. */
export function attemptsOf(name: CallName, thrown: unknown, attempts: number): number {
  const status = name === "read" ? propertyOf(thrown, "status") : undefined;
  return status === 403 || status === 404 ? Math.min(attempts, ATTEMPTS_WITHOUT_ACCESS) : attempts;
}

/** Why a call gets no further attempt, though none has just failed. */
export function usedUp(attempts: number, unfinished: number): Error {
  return new Error(
    unfinished
      ? `Attempt ${attempts}, the last one, never ended: its process was killed, or lost its lease`
      : `All of its attempts are used up: ${attempts} are allowed now`,
  );
}

/** Refuses a `Skip`, `Discard` or `RetryLater` that was returned. */
export function checkReturned(result: unknown): void {
  if (!isSkip(result) && !isDiscard(result) && retryDelayOf(result) === undefined) return;
  const name = (result as Error).name;
  throw new TypeError(`Handler returned a ${name}, but should throw it: throw new ${name}(...)`);
}

/** What was thrown; if that is the class `Skip`, `Discard` or `RetryLater` itself, an error that says so. */
export function explainThrown(thrown: unknown): unknown {
  if (typeof thrown !== "function") return thrown;
  const name = propertyOf(thrown, "name");
  if (name !== "Skip" && name !== "Discard" && name !== "RetryLater") return thrown;
  return new TypeError(`Handler threw the class ${name}, but should throw an instance: throw new ${name}(...)`);
}
