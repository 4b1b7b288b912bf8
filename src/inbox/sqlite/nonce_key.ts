import { hash } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";

/** The parts of a nonce key: no two callbacks have the same. */
export interface Nonced {
  readonly webhookId: number;
  readonly nonce: string;
  readonly digest: string;
}

const KEY_BYTES = 16;
const CHUNK = 1000;

/**
 * Stands for webhook, nonce and digest in a unique index: 16 bytes instead of 120. Nonces are random, so every callback
 * changes some page of that index, and a smaller index has fewer pages. The hash is cryptographic: with a collision, a
 * callback would be lost.
 */
export function nonceKey({ webhookId, nonce, digest }: Nonced): Uint8Array {
  return hash("sha256", JSON.stringify([webhookId, nonce, digest]), "buffer").subarray(0, KEY_BYTES);
}

/** Gives every callback of an older file its key. */
export function fillNonceKeys(database: DatabaseSync): void {
  const next = database.prepare(`
    select id, webhook_id as webhookId, nonce, digest from callbacks where id > ? order by id limit ${CHUNK}`);
  const fill = database.prepare("update callbacks set nonce_key = ? where id = ?");
  let last = 0;
  while (true) {
    const rows = next.all(last) as unknown as (Nonced & { readonly id: number })[];
    for (const row of rows) fill.run(nonceKey(row), row.id);
    if (rows.length < CHUNK) return;
    last = rows.at(-1)!.id;
  }
}
