import { firstLine } from "../../error_text.ts";
import type { StoredCallback } from "../../inbox/inspect.ts";
import { foundText } from "../../mirror/reconcile/found_text.ts";
import type { StoredFound } from "../../mirror/reconcile/read_found.ts";
import { printable } from "../../text.ts";

/** How far the comparison has come. */
export function waitingText({ id, isRunning, retryAt, error }: StoredCallback): string {
  if (isRunning) return `callback ${id} is running`;
  if (retryAt !== undefined) return `callback ${id} failed, and is tried again: ${messageOf(error)}`;
  return `callback ${id} waits for serve`;
}

/** How it ended, or what becomes of it: `was compared: 1 row created, ...`. */
export function endedText(row: StoredCallback, found: StoredFound | undefined): string {
  const { id, state, error } = row;
  if (found?.isComplete) return `was ${foundText(found.gap)}${rest(row)}`;
  if (state === "pending") {
    return `isn't compared yet: callback ${id} stays stored, and runs when serve works (\`sheethook inbox show ${id}\`)`;
  }
  if (state === "done") return "wasn't compared: no onChange handler of serve asks for it, or serve has no token";
  return `wasn't compared: callback ${id} is ${state}: ${messageOf(error)}`;
}

/** For a program. */
export function foundJson({ id: callback, state, error }: StoredCallback, found: StoredFound | undefined) {
  const { reason, since, until, created, updated, deleted, isComplete } = found?.gap ?? {};
  return {
    callback,
    state,
    compared: found?.isComplete ?? false,
    ...(found?.gap && { reason, since, until, created, updated, deleted, complete: isComplete }),
    ...(error !== undefined && state !== "done" && { error: messageOf(error) }),
  };
}

function rest({ id, state, error }: StoredCallback): string {
  if (state === "pending") return `; callback ${id} goes on with the handlers`;
  return state === "done" ? "" : `; callback ${id} is ${state}: ${messageOf(error)}`;
}

function messageOf(error = "no reason is known"): string {
  return printable(firstLine(error.trim())).slice(0, 200);
}
