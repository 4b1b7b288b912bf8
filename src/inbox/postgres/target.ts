import { createPostgresConnection } from "./connection.ts";
import type { MovingCallback, MovingTarget } from "../transfer.ts";
import { createStatementNames } from "./names.ts";
import { identifier, literal, migrate } from "./schema.ts";
import { clock, postgresStatements } from "./statements.ts";
import { storable } from "./text.ts";
import { explainTrouble } from "./problems.ts";
import { parsePostgresUrl } from "./url.ts";

/** What is moved here stands before all that was accepted here, whose places begin at 1. */
const BEFORE_ALL = 1e15;
const TIMEOUT_MS = 60_000;
const MAX_CHARACTERS = 16 * 1024 * 1024;

/**
 * A Postgres inbox that takes over callbacks of another; `serve` may work it meanwhile.
 *
 * @throws {SheethookError} `option_invalid` for a URL that can't be read
 */
export function openPostgresTarget(url: string): MovingTarget {
  const place = parsePostgresUrl(url);
  const { schema = "sheethook" } = place;
  const statements = postgresStatements(schema);
  const connection = createPostgresConnection({
    place,
    timeoutMs: TIMEOUT_MS,
    names: createStatementNames(),
    prepare: (client) => migrate(client, schema, true),
  });

  async function adoptPart(callbacks: readonly MovingCallback[]): Promise<number> {
    const lanes = [...new Set(callbacks.map(({ scopeObjectId }) => scopeObjectId))];
    const [, , [row]] = await connection.transaction(
      { text: statements.makeLanes, values: [lanes] },
      { text: statements.lockLanes, values: [lanes] },
      { text: adoptStatement(schema), values: [JSON.stringify(callbacks.map(rowOf)), null, schema] },
    ) as [unknown, unknown, [{ count: number }]];
    return row.count;
  }

  return {
    async adopt(callbacks) {
      let count = 0;
      try {
        for (const part of partsOf(callbacks)) count += await adoptPart(part);
      } catch (error) {
        throw explainTrouble(place.name, error);
      }
      return count;
    },
    close: () => connection.close(),
  };
}

/** A part is one message to Postgres, and one text here, which can't be of any length. */
function partsOf(callbacks: readonly MovingCallback[]): MovingCallback[][] {
  const parts: MovingCallback[][] = [];
  let characters = Infinity;
  for (const callback of callbacks) {
    const size = callback.steps.reduce((sum, { json }) => sum + json.length, callback.body.length);
    characters += size;
    if (characters > MAX_CHARACTERS) {
      parts.push([]);
      characters = size;
    }
    parts.at(-1)!.push(callback);
  }
  return parts;
}

function rowOf(callback: MovingCallback, n: number) {
  const { webhookId, nonce, timestamp, scopeObjectId, body, digest, acceptedAt } = callback;
  const { place, state, attempts, attemptedAt, unfinished, position, error, failedAt, endedAt, retryAt } = callback;
  return {
    n,
    webhook_id: webhookId,
    nonce: storable(nonce),
    timestamp: storable(timestamp),
    lane: scopeObjectId,
    body: storable(body),
    digest,
    accepted_at: acceptedAt,
    place: place - BEFORE_ALL,
    state,
    attempts,
    attempted_at: attemptedAt,
    unfinished,
    position,
    error: error && storable(error),
    failed_at: failedAt,
    ended_at: endedAt,
    retry_at: retryAt,
    steps: callback.steps.map(({ key, json }) => ({ key: JSON.stringify(key), json: storable(json) })),
    failures: callback.failures.map(({ attempt, beganAt, endedAt, error }) => ({
      attempt,
      began_at: beganAt,
      ended_at: endedAt,
      error: storable(error),
    })),
  };
}

/** `$1`: callbacks, as JSON; `$2`: the time; `$3`: the channel. */
export function adoptStatement(schema: string): string {
  const s = identifier(schema);
  return `
    with ${clock(2)},
    given as materialized (
      select nextval(${literal(`${s}.places`)}) as id, * from json_to_recordset($1::json) as given (
        n integer, webhook_id bigint, nonce text, timestamp text, lane bigint, body text, digest text, accepted_at bigint,
        place bigint, state text, attempts integer, attempted_at bigint, unfinished integer, position text, error text,
        failed_at bigint, ended_at bigint, retry_at bigint, steps json, failures json)
    ),
    inserted as (
      insert into ${s}.callbacks (id, webhook_id, nonce, timestamp, lane, body, digest, accepted_at)
      select id, webhook_id, nonce, timestamp, lane, body, digest, accepted_at from given order by id
      on conflict do nothing
      returning id
    ),
    adopted as materialized (select given.* from given join inserted using (id)),
    begun as (
      insert into ${s}.progress (
        id, lane, place, state, attempts, attempted_at, unfinished, position, error, failed_at, ended_at)
      select id, lane, place, state, attempts, attempted_at, unfinished, position, error, failed_at, ended_at from adopted
    ),
    stepped as (
      insert into ${s}.steps (callback, key, json)
      select id, step.key, step.json from adopted, json_to_recordset(steps) as step (key text, json text)
    ),
    failed as (
      insert into ${s}.failures (callback, attempt, began_at, ended_at, error)
      select id, failure.* from adopted, json_to_recordset(failures) as failure (
        attempt integer, began_at bigint, ended_at bigint, error text)
    ),
    owed as (
      update ${s}.lanes set
        pending = pending + count,
        retry_at = case when pending = 0 then held_until else lanes.retry_at end,
        due_at = case when pending = 0 and lease is null then greatest(time, held_until) else due_at end
      from (
        select lane, count(*), max(retry_at) as held_until from adopted where state = 'pending' group by lane
      ) counted, clock
      where lanes.lane = counted.lane
    )
    select count(*)::integer, pg_notify($3, '') from adopted`;
}
