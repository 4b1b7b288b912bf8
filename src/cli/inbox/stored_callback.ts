import { firstLine } from "../../error_text.ts";
import type { CallbackState, StoredCallback } from "../../inbox/inspect.ts";
import { printable } from "../../text.ts";
import type { Style } from "../terminal/paint.ts";
import { isoTime } from "../terminal/time_text.ts";
import { contentOf, sheetIdOf } from "../../callback/content.ts";

const STYLES: Readonly<Record<CallbackState | "running", Style | undefined>> = {
  pending: "yellow",
  running: "cyan",
  done: "green",
  discarded: "dim",
  dead: "red",
};

/** How a state is shown. */
export function styleOf(state: string): Style | undefined {
  return STYLES[state as CallbackState];
}

/** The state of a callback, or `running`. */
export function stateOf({ isRunning, state }: StoredCallback): string {
  return isRunning ? "running" : state;
}

/** What `inbox list` and `inbox show` print as JSON: no values of a sheet. A callback of our own has no webhook. */
export function envelopeOf(row: StoredCallback, { events, status, relayedTo, reconcile } = contentOf(row.body)) {
  return {
    id: row.id,
    state: row.state,
    running: row.isRunning,
    acceptedAt: isoTime(row.acceptedAt),
    scopeObjectId: sheetIdOf(row),
    relayedTo,
    webhookId: reconcile ? undefined : row.webhookId,
    attempts: row.attempts,
    events: reconcile ? undefined : events?.length,
    reconcile,
    newWebhookStatus: status,
    error: row.error,
  };
}

/** The message of an error, without its stack. */
export function messageLine(error: string): string {
  return printable(firstLine(error.trim())).slice(0, 200);
}
