import type { Callback } from "../../callback/callback.ts";
import type { Mirror } from "../../inbox/mirror.ts";
import type { Logger } from "../../logger.ts";
import type { ChangesApi } from "../api_port.ts";
import { createCanary, type SilentSheet } from "./canary.ts";
import { createSchedule } from "./schedule.ts";
import { createSheetTimers } from "./sheet_timers.ts";
import type { AskForReconcile } from "./trigger.ts";
import { createWebhookReturn } from "./webhook_return.ts";

/** All that asks for comparisons by itself. */
export interface Triggers {
  start(): void;
  stop(): Promise<void>;
  /** To be called for each callback that is processed. Rejects if the inbox fails. */
  noteStatus(callback: Callback): Promise<void>;
  /** To be called for each callback of Smartsheet's that comes in. */
  heard(sheetId: number): void;
  silentSheets(): readonly SilentSheet[];
}

/** @returns undefined without a source: there is nothing to compare */
export function createTriggers(
  { source, asksFor, reconcile, reconcileEveryMs, canaryEveryMs, silentAfterMs, now, logger }: {
    readonly source: { readonly api: ChangesApi; readonly mirror: Mirror } | undefined;
    /** Whether a handler of changes asks for the sheet. */
    readonly asksFor: (sheetId: number) => boolean;
    readonly reconcile: AskForReconcile;
    /** Undefined: never. */
    readonly reconcileEveryMs: number | undefined;
    /** Undefined: never. */
    readonly canaryEveryMs: number | undefined;
    readonly silentAfterMs: number;
    readonly now: () => number;
    readonly logger: Logger;
  },
): Triggers | undefined {
  if (!source) return undefined;
  const { api, mirror } = source;
  const canary = canaryEveryMs === undefined
    ? undefined
    : createCanary({ api, mirror, everyMs: canaryEveryMs, waitMs: silentAfterMs, now, logger, reconcile });
  const schedule = reconcileEveryMs === undefined
    ? undefined
    : createSchedule({ everyMs: reconcileEveryMs, now, reconcile });
  const timers = createSheetTimers({
    ...{ mirror, asksFor, now, logger },
    triggers: [schedule, canary].filter((trigger) => trigger !== undefined),
    shortestPeriodMs: Math.min(reconcileEveryMs ?? Infinity, canaryEveryMs ?? Infinity),
  });
  const isTimed = schedule !== undefined || canary !== undefined;
  return {
    start: () => isTimed && timers.start(),
    stop: timers.stop,
    noteStatus: createWebhookReturn({ mirror, asksFor, reconcile }),
    heard: (sheetId) => canary?.heard(sheetId),
    silentSheets: () => canary?.silentSheets() ?? [],
  };
}
