import type { EventCallback } from "../../callback/callback.ts";
import { parseStoredCallback } from "../../callback/parse_callback.ts";
import type { Reconcile } from "../../callback/reconcile.ts";
import { touchedRows } from "../../callback/touched_rows.ts";
import type { Lease, Work } from "../../inbox/inbox.ts";
import type { Mirror, MirroredSheet } from "../../inbox/mirror.ts";
import type { Logger } from "../../logger.ts";
import type { ChangesApi } from "../api_port.ts";
import { type ChangeSource, readPart } from "../derive/change_source.ts";
import { infoOf, readWhole } from "../derive/first_read.ts";
import { changesFromJson } from "../derive/stored_changes.ts";
import { type Gap, UNKNOWN } from "../gap.ts";
import { later, type Reconciled, reconciledOf, reconciledToJson } from "../reconciled.ts";
import { foundText } from "./found_text.ts";
import { createPartWriter, MirrorMoved } from "./part_writer.ts";
import { type Probe, probeSheet, type Sweep, sweepSheet } from "./sweep.ts";
import { readDifferent } from "./read_different.ts";
import { findDifferent } from "./find_different.ts";

interface Options {
  readonly api: ChangesApi;
  readonly mirror: Mirror;
  readonly logger: Logger;
  readonly now: () => number;
}

/** How often a sheet is read again that changes while it is read, and a mirror that others write meanwhile. */
const TRIES = 3;
const WRITE_TRIES = 5;
/** Callbacks that wait behind the reconcile: what they tell is left to them. */
const MOST_WAITING = 1000;

/**
 * The source of the changes that no callback told: compares the whole sheet with its mirror. What it finds is stored part by part,
 * each with the state that it led to: a kill repeats the reading, and none of the changes.
 */
export function createReconcileSource(
  { api, mirror, logger, now }: Options,
  { scopeObjectId: sheetId, events }: EventCallback,
  { reason, since }: Reconcile,
  { lease, work }: { readonly lease: Lease; readonly work: Work },
): ChangeSource {
  async function compare(signal: AbortSignal): Promise<void> {
    const known = await mirror.sheet(sheetId);
    const writer = createPartWriter({ mirror, lease, work, sheetId, stored: await storedParts() }, known);
    if (!known?.isWhole) return await readFirst(writer, signal);
    const before = reconciledOf(known);
    const probe = await probeSheet(api, sheetId, signal);
    if (isUnchanged(probe, known, before)) return await end(writer, probe, { ...before, ...probe }, before, true);

    const left = await rowsOfWaiting();
    const sweep = await sweepWhole(probe, signal);
    const different = await findDifferent({ mirror, sheetId, sweep, left, since: before && before.since }, writer);
    const { isComplete, sheet } = await readDifferent(
      { api, sheetId, sweep, different, since: before?.since, left },
      writer,
      signal,
    );
    const isRight = isComplete && !sweep.isTorn && !different.hasLeft && !writer.hasLeft;
    if (!isRight) {
      logger.info("Sheet {sheetId} changed while it was compared: the next comparison finds what is left", { sheetId });
    }
    await end(writer, { sheet }, sweep, before, isRight);
  }

  /** It wasn't mirrored: there is nothing to compare it with. */
  async function readFirst(writer: ReturnType<typeof createPartWriter>, signal: AbortSignal): Promise<void> {
    const { revision, sheet, version, reconciled } = await readWhole({ api, mirror, logger, now }, sheetId, signal);
    const written = { id: sheetId, info: infoOf(sheet), version, readAt: now(), isWhole: true, reconciled };
    await writer.end(written, sheet, undefined, revision);
  }

  async function sweepWhole(probe: Probe, signal: AbortSignal): Promise<Sweep> {
    for (let tries = 1;; tries++) {
      const sweep = await sweepSheet(api, probe, signal);
      if (!sweep.isTorn || tries === TRIES) return sweep;
    }
  }

  async function rowsOfWaiting(): Promise<ReadonlySet<number>> {
    const waiting = await mirror.waiting(lease, MOST_WAITING);
    return new Set(waiting.flatMap(({ callback }) => {
      return touchedRows(parseStoredCallback(callback.body).events ?? []).map(({ rowId }) => rowId);
    }));
  }

  async function end(
    writer: ReturnType<typeof createPartWriter>,
    { sheet }: Pick<Probe, "sheet">,
    read: Pick<Probe, "version" | "answeredAt" | "rowCount"> & Partial<Pick<Sweep, "rows">>,
    before: Reconciled | undefined,
    isRight: boolean,
  ): Promise<void> {
    const at = now();
    let modifiedAt: string | undefined;
    for (const row of read.rows?.values() ?? []) modifiedAt = later(modifiedAt, row.modifiedAt);
    const { created, updated, deleted } = writer.counts;
    const reconciled = reconciledToJson({
      version: isRight ? read.version : undefined,
      rowCount: read.rowCount,
      since: isRight ? read.answeredAt ?? modifiedAt ?? before?.since : before?.since,
      at,
      found: { reason, created, updated, deleted },
    });
    const gap: Gap = {
      sheet,
      reason,
      since: since ?? (before && new Date(before.at).toISOString()),
      until: new Date(at).toISOString(),
      created,
      updated,
      deleted,
      isComplete: isRight,
      unknown: UNKNOWN,
    };
    const written = { id: sheetId, info: infoOf(sheet), version: read.version, readAt: at, isWhole: true, reconciled };
    await writer.end(written, sheet, gap);
    const level = reason === "manual" || reason === "scheduled" || !(created + updated + deleted) ? "info" : "warn";
    logger[level]('Sheet {sheetId} "{name}" (reason: {reason}) was {found}', {
      ...{ sheetId, name: sheet.name, reason, created, updated, deleted, found: foundText(before && gap) },
    });
  }

  /** Those of an attempt that was killed. */
  async function storedParts() {
    const parts = [];
    for (let number = 0;; number++) {
      const part = await mirror.changesOf(work.id, number);
      if (!part) return parts;
      parts.push(changesFromJson(part.json, []).changes.map(({ kind, row }) => ({ kind, rowId: row.id })));
    }
  }

  return {
    part: (number) => readPart(mirror, work.id, number, events),

    async derive(signal) {
      for (let tries = 1;; tries++) {
        try {
          return await compare(signal);
        } catch (error) {
          if (!(error instanceof MirrorMoved)) throw error;
          // They were stored, and the answer was lost.
          if ((await mirror.changesOf(work.id, 0))?.isComplete) return;
          if (tries === WRITE_TRIES) {
            throw new Error(`Rows of sheet ${sheetId} were written by others while it was compared with its mirror`);
          }
        }
      }
    },
  };
}

/**
 * Whether a deletion moves the version is unknown: the number of rows decides. One that a callback has told of counts as well,
 * because the rows below it have moved.
 */
function isUnchanged({ version, rowCount }: Probe, known: MirroredSheet, before: Reconciled | undefined): boolean {
  return before?.version === version && before.rowCount === rowCount && rowCount === known.rowCount;
}
