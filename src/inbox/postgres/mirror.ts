import { SheethookError } from "../../errors.ts";
import { callbackOf } from "../callback_row.ts";
import type { Mirror, MirroredRow, MirrorWrite } from "../mirror.ts";
import type { PostgresConnection } from "./connection.ts";
import { laneStatements } from "./statements/lanes.ts";
import { type DerivedFor, mirrorStatements } from "./statements/mirror.ts";
import type { Statement, StatementContext } from "./statements/sql.ts";

/** One message to Postgres, and one text here, whose length is limited. */
const MAX_CHARACTERS = 16 * 1024 * 1024;

/** The mirror of a Postgres inbox. */
export function createPostgresMirror(connection: PostgresConnection, context: StatementContext): Mirror {
  const { lockLanes } = laneStatements(context);
  const statements = mirrorStatements(context);
  const { lockSheet, writeSheet, writeRows, deleteRows, storePart, isTaken } = statements;

  async function all<Row>(statement: Statement<Row>): Promise<Row[]> {
    const [rows] = await connection.transaction(statement);
    return rows;
  }

  function writing(write: MirrorWrite, derivedFor?: DerivedFor) {
    const { id } = write.sheet;
    return [
      lockSheet(id),
      writeSheet(write, crypto.randomUUID(), derivedFor),
      ...(write.deleted.length ? [deleteRows(id, write.deleted)] : []),
      ...partsOf(write.rows).map((part) => writeRows(id, part)),
    ] as const;
  }

  return {
    async sheet(sheetId) {
      return (await all(statements.sheet(sheetId)))[0];
    },

    rows: (sheetId, rowIds) => all(statements.rows(sheetId, rowIds)),

    rowsAfter: (sheetId, after, limit) => all(statements.rowsAfter(sheetId, after, limit)),

    async write(write) {
      const [, written] = await connection.transaction(...writing(write));
      return written[0]?.revision;
    },

    async derive(lease, { id }, write, part) {
      const derivedFor = { lease, id, number: part.number };
      const [, held, , written] = await connection.transaction(
        lockLanes([lease.lane]),
        isTaken(derivedFor),
        ...writing(write, derivedFor),
        storePart(write.sheet.id, id, part),
      );
      if (held.length) return written[0]?.revision;
      throw new SheethookError("lease_lost", `The lease of lane ${lease.lane} is no longer held`);
    },

    async changesOf(callback, number) {
      return (await all(statements.part(callback, number)))[0];
    },

    async waiting({ lane }, limit) {
      const rows = await all(statements.waiting(lane, limit));
      return rows.map((row) => ({ id: row.id, callback: callbackOf(row) }));
    },

    sheets: () => all(statements.sheets()),

    async drop(sheetId) {
      const [, , dropped] = await connection.transaction(
        lockSheet(sheetId),
        statements.dropRows(sheetId),
        statements.dropSheet(sheetId),
      );
      return dropped.length > 0;
    },
  };
}

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
