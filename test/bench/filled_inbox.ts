import { closeSync, fsyncSync, openSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { sqliteInbox } from "../../src/inbox/sqlite.ts";
import { BODY } from "./fixture.ts";

export interface Filling {
  readonly state: "done" | "pending";
  readonly callbacks: number;
  readonly lanes: number;
}

/** Makes the file of an inbox that holds callbacks already: the real schema, filled by SQL, since a million puts take minutes. */
export async function makeFilledInbox(path: string, filling: Filling): Promise<void> {
  await sqliteInbox(path).close();
  const database = new DatabaseSync(path);
  try {
    // Nobody needs the file if this fails.
    database.exec("pragma journal_mode = off; pragma synchronous = off; pragma cache_size = -600000");
    fillInbox(database, filling);
    database.exec("pragma journal_mode = wal");
  } finally {
    database.close();
  }
  // Or the first callback's sync would wait for all of it.
  const file = openSync(path, "r+");
  fsyncSync(file);
  closeSync(file);
}

/**
 * Adds callbacks, spread over the lanes, in one transaction. Nonces are random, as Smartsheet's are: each lands on another
 * page of its index.
 */
export function fillInbox(database: DatabaseSync, { state, callbacks, lanes }: Filling): void {
  const { value: before } = database.prepare("select value from counters where name = 'place'").get() as {
    value: number;
  };
  const now = Date.now();
  const { webhookId } = JSON.parse(BODY);
  const isDone = state === "done";
  database.exec("begin immediate");
  database.prepare(`
    insert into callbacks (
      id, place, webhook_id, nonce, nonce_key, timestamp, lane, body, digest, accepted_at, state, attempts, ended_at)
    with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < :callbacks)
    select
      :before + n, :before + n, :webhookId, lower(hex(randomblob(18))), randomblob(16),
      strftime('%Y-%m-%dT%H:%M:%fZ', :now / 1000.0 - :callbacks + n, 'unixepoch'),
      1 + n % :lanes, :body, lower(hex(randomblob(32))), :now, :state, :attempts, :endedAt
    from numbers`).run({
    ":callbacks": callbacks,
    ":before": before,
    ":webhookId": webhookId,
    ":now": now,
    ":lanes": lanes,
    ":body": BODY,
    ":state": state,
    ":attempts": isDone ? 1 : 0,
    ":endedAt": isDone ? now : null,
  });
  database.prepare(`
    insert into lanes (lane, pending, due_at)
    select lane, :isPending * count(*), :now from callbacks where id > :before group by lane
    on conflict do update set pending = pending + excluded.pending, due_at = excluded.due_at`).run({
    ":isPending": isDone ? 0 : 1,
    ":now": now,
    ":before": before,
  });
  const count = database.prepare("update counters set value = value + ? where name = ?");
  count.run(callbacks, "place");
  if (isDone) count.run(callbacks, "done");
  database.exec("commit");
}

/** Takes out what is still owed, so that the next run finds the same inbox again. */
export function dropPending(path: string): void {
  const database = new DatabaseSync(path);
  try {
    database.exec("delete from callbacks where state = 'pending'; update lanes set pending = 0");
  } finally {
    database.close();
  }
}
