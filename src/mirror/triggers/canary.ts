import { messageOf, propertyOf } from "../../errors.ts";
import type { Mirror, MirroredSheet } from "../../inbox/mirror.ts";
import type { Logger } from "../../logger.ts";
import type { ChangesApi } from "../api_port.ts";
import { probeSheet } from "../reconcile/sweep.ts";
import { type AskForReconcile, phaseOf, type Trigger } from "./trigger.ts";

/** A sheet that changes without any callback telling of it. */
export interface SilentSheet {
  /** The sheet's id. */
  readonly sheetId: number;
  /** When it was first seen, in milliseconds since 1970. */
  readonly since: number;
}

/** Finds sheets whose webhook is silent. */
export interface Canary extends Trigger {
  /** Those that are silent now. */
  silentSheets(): readonly SilentSheet[];
  /** A callback of Smartsheet's has come for the sheet. */
  heard(sheetId: number): void;
}

/** What a probe saw of a sheet, and when. */
interface Seen {
  readonly version: number;
  readonly rowCount: number | undefined;
  readonly at: number;
}

interface SheetState {
  dueAt: number;
  /** Callbacks have told of all that is older. */
  told?: Seen | undefined;
  /** It has changed, and no callback has told of it yet. @property since from when on a callback would have */
  suspected?: Seen & { readonly since: number } | undefined;
  silentSince?: number | undefined;
}

/**
 * Looks at each sheet every `everyMs`, with one request: if it has changed, no callback has told of it, and none comes within
 * `waitMs`, its webhook is silent, although it may say ENABLED. Then it warns, and asks for a comparison.
 */
export function createCanary(
  { api, mirror, everyMs, waitMs, now, logger, reconcile }: {
    readonly api: Pick<ChangesApi, "sheets">;
    readonly mirror: Mirror;
    readonly everyMs: number;
    /** Longer than Smartsheet takes to send a callback. */
    readonly waitMs: number;
    readonly now: () => number;
    readonly logger: Logger;
    readonly reconcile: AskForReconcile;
  },
): Canary {
  const states = new Map<number, SheetState>();
  /** The kinds of errors of the sheets that couldn't be asked for last. */
  const failing = new Map<number, string>();

  async function probe(sheetId: number, state: SheetState, signal: AbortSignal): Promise<void> {
    const known = await mirror.sheet(sheetId);
    if (!known?.isWhole) return;
    const at = now();
    const found = await ask(sheetId, signal);
    if (!found) return;
    const seen: Seen = { ...found, at };
    if (isKnown(known, found)) return settle(state, seen);
    // Nothing that wasn't looked into the last time.
    if (state.told?.version === found.version && state.told.rowCount === found.rowCount) return;
    const since = Math.max(known.readAt, state.told?.at ?? 0);
    // Older callbacks tell of older changes, and would take long to find.
    const from = Math.max(since + 1, at - everyMs - waitMs);
    if (await mirror.toldSince(sheetId, from)) return settle(state, seen);
    state.suspected = { ...seen, since };
    state.dueAt = at + waitMs;
  }

  async function ask(sheetId: number, signal: AbortSignal): Promise<Omit<Seen, "at"> | undefined> {
    try {
      const { version, rowCount } = await probeSheet(api, sheetId, signal);
      if (failing.delete(sheetId) && !failing.size) logger.info("Sheets can be asked for their version again");
      return { version, rowCount };
    } catch (error) {
      if (signal.aborted) return undefined;
      const kind = String(propertyOf(error, "status") ?? messageOf(error));
      const isNew = ![...failing.values()].includes(kind);
      failing.set(sheetId, kind);
      if (isNew) {
        logger.warn("Sheet {sheetId} can't be asked for its version, so a silent webhook can't be found: {error}", {
          sheetId,
          error: messageOf(error),
        });
      }
      return undefined;
    }
  }

  async function judge(sheetId: number, state: SheetState, suspected: SheetState["suspected"] & object): Promise<void> {
    const { version, rowCount, since, at } = suspected;
    const known = await mirror.sheet(sheetId);
    const isRead = !known || known.version > version || isKnown(known, suspected);
    if (isRead || await mirror.toldSince(sheetId, at)) return settle(state, suspected);
    const sinceText = new Date(since).toISOString();
    await reconcile({ sheetId, reason: "silent", since: sinceText, key: `${version}-${rowCount}` });
    state.silentSince ??= at;
    state.suspected = undefined;
    state.told = suspected;
    logger.warn(
      "Sheet {sheetId} has changed since {since}, but no callback tells of it: its webhook may be silent, although it says " +
        "ENABLED; the sheet is compared with its mirror",
      { sheetId, since: sinceText },
    );
  }

  return {
    async tick(sheets, signal) {
      for (const id of states.keys()) {
        if (sheets.includes(id)) continue;
        states.delete(id);
        failing.delete(id);
      }
      for (const sheetId of sheets) {
        let state = states.get(sheetId);
        if (!state) states.set(sheetId, state = { dueAt: now() + phaseOf(sheetId, everyMs) });
        if (state.dueAt > now() || signal.aborted) continue;
        const { suspected } = state;
        if (suspected) await judge(sheetId, state, suspected);
        else await probe(sheetId, state, signal);
        while (state.dueAt <= now()) state.dueAt += everyMs;
      }
      return Math.min(...[...states.values()].map(({ dueAt }) => dueAt));
    },
    silentSheets: () =>
      [...states].flatMap(([sheetId, { silentSince }]) =>
        silentSince === undefined ? [] : [{ sheetId, since: silentSince }]
      ),
    heard(sheetId) {
      const state = states.get(sheetId);
      if (state) state.silentSince = undefined;
    },
  };
}

/** The mirror knows all of it, or callbacks tell of it. */
function settle(state: SheetState, seen: Seen): void {
  state.silentSince = undefined;
  state.suspected = undefined;
  state.told = seen;
}

function isKnown(known: MirroredSheet, { version, rowCount }: Omit<Seen, "at">): boolean {
  return known.version >= version && (rowCount === undefined || known.rowCount === rowCount);
}
