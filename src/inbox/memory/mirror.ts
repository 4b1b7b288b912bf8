import { NO_WEBHOOK } from "../../callback/reconcile.ts";
import { SheethookError } from "../../errors.ts";
import type { Mirror, MirroredRow, MirroredSheet, MirrorWrite } from "../mirror.ts";
import type { MemoryStore } from "./store.ts";

interface StoredSheet {
  sheet: MirrorWrite["sheet"];
  revision: number;
  readonly rows: Map<number, MirroredRow>;
}

/** The mirror of a memory inbox. */
export function createMemoryMirror({ entries, lanes, now }: MemoryStore): Mirror {
  const sheets = new Map<number, StoredSheet>();
  let lastRevision = 0;

  function write({ sheet, revision, rows, deleted }: MirrorWrite): number | undefined {
    const found = sheets.get(sheet.id);
    if (found?.revision !== revision) return undefined;
    const stored = found ?? { sheet, revision: 0, rows: new Map<number, MirroredRow>() };
    sheets.set(sheet.id, stored);
    stored.sheet = sheet;
    for (const id of deleted) stored.rows.delete(id);
    for (const row of rows) stored.rows.set(row.id, row);
    return stored.revision = ++lastRevision;
  }

  function describe({ sheet, revision, rows }: StoredSheet): MirroredSheet {
    return { ...sheet, revision, rowCount: rows.size };
  }

  return {
    async sheet(sheetId) {
      const found = sheets.get(sheetId);
      return found && describe(found);
    },

    async rows(sheetId, rowIds) {
      const { rows } = sheets.get(sheetId) ?? {};
      return rowIds.flatMap((id) => rows?.get(id) ?? []);
    },

    async rowsAfter(sheetId, after, limit) {
      const all = [...sheets.get(sheetId)?.rows.values() ?? []].filter(({ id }) => id > after);
      return all.sort((a, b) => a.id - b.id).slice(0, limit);
    },

    write: async (given) => write(given),

    async derive({ lane, token }, { id }, given, part) {
      const found = lanes.get(lane);
      const entry = entries.get(id);
      if (
        !entry || found?.token !== token || found.leasedUntil <= now() || !found.isTaken || found.queue.first !== entry
      ) {
        throw new SheethookError("lease_lost", `The lease of lane ${lane} has run out`);
      }
      if (entry.changes.length !== part.number) return undefined;
      const revision = write(given);
      if (revision !== undefined) entry.changes.push(part);
      return revision;
    },

    async changesOf(id, number) {
      const { changes = [] } = entries.get(id) ?? {};
      const part = changes[number];
      return part && { ...part, isComplete: changes.at(-1)!.isLast };
    },

    async waiting({ lane }, limit) {
      const waiting = [];
      for (let entry = lanes.get(lane)?.queue.first?.next; entry && waiting.length < limit; entry = entry.next) {
        waiting.push({ id: entry.id, callback: entry.callback });
      }
      return waiting;
    },

    async toldSince(sheetId, since) {
      for (const { callback: { scopeObjectId, webhookId, acceptedAt } } of entries.values()) {
        if (scopeObjectId === sheetId && webhookId !== NO_WEBHOOK && acceptedAt >= since) return true;
      }
      return false;
    },

    async sheets() {
      return [...sheets.values()].map(describe).sort((a, b) => a.id - b.id);
    },

    drop: async (sheetId) => sheets.delete(sheetId),
  };
}
