import type { DatabaseSync } from "node:sqlite";
import { errorKey } from "../error_key.ts";

const CHUNK = 1000;

/** Gives every dead letter of an older file the key of its error. */
export function fillErrorKeys(database: DatabaseSync): void {
  const next = database.prepare(`
    select id, error from callbacks where state = 'dead' and error is not null and id > ? order by id limit ${CHUNK}`);
  const fill = database.prepare("update callbacks set error_key = ? where id = ?");
  let last = 0;
  while (true) {
    const rows = next.all(last) as unknown as { readonly id: number; readonly error: string }[];
    for (const { id, error } of rows) fill.run(errorKey(error), id);
    if (rows.length < CHUNK) return;
    last = rows.at(-1)!.id;
  }
}
