import { SheethookError } from "../../errors.ts";
import { callbackOf } from "../callback_row.ts";
import type { Mirror, MirroredRow, MirroredSheet, MirrorWrite } from "../mirror.ts";
import type { PostgresConnection } from "./connection.ts";
import { laneStatements } from "./statements/lanes.ts";
import { type DerivedFor, mirrorStatements } from "./statements/mirror.ts";
import type { Statement, StatementContext } from "./statements/sql.ts";
import { type ViewRow, viewStatements } from "./statements/views.ts";
import { createPostgresViews, renewals, versionsOf } from "./views.ts";

/** One message to Postgres, and one text here, whose length is limited. */
const MAX_CHARACTERS = 16 * 1024 * 1024;
/** How often a write is tried while somebody makes or drops views of its sheet. */
const TRIES = 5;

/** The mirror of a Postgres inbox. */
export function createPostgresMirror(connection: PostgresConnection, context: StatementContext): Mirror {
  const { lockLanes } = laneStatements(context);
  const statements = mirrorStatements(context);
  const { lockSheet, writeSheet, writeRows, deleteRows, storePart, isTaken } = statements;
  const { ofSheet } = viewStatements(context);
  /** By sheet, as far as they are known. A write that goes by others than there are is refused, and brings them. */
  const knownViews = new Map<number, readonly ViewRow[]>();

  async function all<Row>(statement: Statement<Row>): Promise<Row[]> {
    const [rows] = await connection.transaction(statement);
    return rows;
  }

  function writing(write: MirrorWrite, views: readonly ViewRow[], derivedFor?: DerivedFor) {
    const { id } = write.sheet;
    return [
      lockSheet(id),
      ofSheet(id),
      writeSheet(write, crypto.randomUUID(), derivedFor, versionsOf(views)),
      ...renewals(context.schema, write, views),
      ...(write.deleted.length ? [deleteRows(id, write.deleted)] : []),
      ...partsOf(write.rows).map((part) => writeRows(id, part)),
    ] as const;
  }

  /** @returns the new revision, if the write was stored */
  async function withViews(
    { sheet: { id } }: MirrorWrite,
    attempt: (views: readonly ViewRow[]) => Promise<readonly [views: readonly ViewRow[], Written | undefined]>,
  ): Promise<number | undefined> {
    for (let tries = 1;; tries++) {
      const views = knownViews.get(id) ?? [];
      const [found, written] = await attempt(views);
      if (written || versionsOf(found) === versionsOf(views) || tries === TRIES) return written?.revision;
      knownViews.set(id, found);
    }
  }

  return {
    async sheet(sheetId) {
      return (await all(statements.sheet(sheetId)))[0];
    },

    rows: (sheetId, rowIds) => all(statements.rows(sheetId, rowIds)),

    rowsAfter: (sheetId, after, limit) => all(statements.rowsAfter(sheetId, after, limit)),

    write: (write) =>
      withViews(write, async (views) => {
        const [, found, [written]] = await connection.transaction(...writing(write, views));
        return [found, written];
      }),

    async derive(lease, { id }, write, part) {
      const derivedFor = { lease, id, number: part.number };
      return await withViews(write, async (views) => {
        const [, held, , found, [written]] = await connection.transaction(
          lockLanes([lease.lane]),
          isTaken(derivedFor),
          ...writing(write, views, derivedFor),
          storePart(write.sheet.id, id, part),
        );
        if (held.length) return [found, written];
        throw new SheethookError("lease_lost", `The lease of lane ${lease.lane} is no longer held`);
      });
    },

    async changesOf(callback, number) {
      return (await all(statements.part(callback, number)))[0];
    },

    async waiting({ lane }, limit) {
      const rows = await all(statements.waiting(lane, limit));
      return rows.map((row) => ({ id: row.id, callback: callbackOf(row) }));
    },

    toldSince: async (sheetId, since) => (await all(statements.told(sheetId, since))).length > 0,

    sheets: () => all(statements.sheets()),

    async drop(sheetId) {
      const [, , dropped] = await connection.transaction(
        lockSheet(sheetId),
        statements.dropRows(sheetId),
        statements.dropSheet(sheetId),
      );
      return dropped.length > 0;
    },

    views: createPostgresViews(connection, context),
  };
}

type Written = Pick<MirroredSheet, "revision">;

/** Each row once. */
function partsOf(rows: readonly MirroredRow[]): MirroredRow[][] {
  const parts: MirroredRow[][] = [];
  let characters = Infinity;
  for (const row of new Map(rows.map((row) => [row.id, row])).values()) {
    characters += row.json.length;
    if (characters > MAX_CHARACTERS) {
      parts.push([]);
      characters = row.json.length;
    }
    parts.at(-1)!.push(row);
  }
  return parts;
}
