import type { MovingCallback, MovingTarget } from "../transfer.ts";
import { createCallRows } from "./call_rows.ts";
import { createPostgresConnection } from "./connection.ts";
import { createPostgresMirror } from "./mirror.ts";
import { createStatementNames } from "./names.ts";
import { explained } from "./problems.ts";
import { migrate } from "./schema.ts";
import { acceptStatements } from "./statements/accept.ts";
import { adoptStatement } from "./statements/adopt.ts";
import { laneStatements } from "./statements/lanes.ts";
import { storable } from "./statements/sql.ts";
import { parsePostgresUrl } from "./url.ts";

/** Callbacks that are moved here come before all that were accepted here, whose places begin at 1. */
const BEFORE_ALL = 1e15;
const TIMEOUT_MS = 60_000;
const MAX_CHARACTERS = 16 * 1024 * 1024;

/**
 * A Postgres inbox that callbacks of another inbox are moved to; `serve` may use it meanwhile.
 *
 * @throws {SheethookError} `option_invalid` for a URL that can't be read
 */
export function openPostgresTarget(url: string): MovingTarget {
  const address = parsePostgresUrl(url);
  const { schema = "sheethook" } = address;
  const context = { schema, owner: "", now: () => null };
  const { makeLanes } = acceptStatements(context);
  const { lockLanes } = laneStatements(context);
  const adoptRows = adoptStatement(context);
  const connection = createPostgresConnection({
    address,
    timeoutMs: TIMEOUT_MS,
    names: createStatementNames(),
    prepare: (client) => migrate(client, schema, true),
  });

  async function adoptPart(callbacks: readonly MovingCallback[]): Promise<number> {
    const lanes = [...new Set(callbacks.map(({ scopeObjectId }) => scopeObjectId))];
    const [, , [row]] = await connection.transaction(
      makeLanes(lanes),
      lockLanes(lanes),
      adoptRows(callbacks.map(rowOf)),
    );
    return row!.count;
  }

  const { adopt } = explained(address.name, {
    async adopt(callbacks: readonly MovingCallback[]) {
      let count = 0;
      for (const part of partsOf(callbacks)) count += await adoptPart(part);
      return count;
    },
  });

  return {
    adopt,
    mirror: explained(address.name, createPostgresMirror(connection, context)),
    close: () => connection.close(),
  };
}

/** A part is one message to Postgres, and one text here, whose length is limited. */
function partsOf(callbacks: readonly MovingCallback[]): MovingCallback[][] {
  const parts: MovingCallback[][] = [];
  let characters = Infinity;
  for (const callback of callbacks) {
    const { steps, failures, deadCalls, changes } = callback;
    const texts = [
      callback.body,
      ...changes.map(({ json }) => json),
      ...steps.map(({ json }) => json),
      ...[...failures, ...deadCalls].map(({ error }) => error),
    ];
    const size = texts.reduce((sum, { length }) => sum + length, 0);
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
  const { webhookId, nonce, timestamp, scopeObjectId, body, digest, acceptedAt, traceparent } = callback;
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
    traceparent,
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
    ...deadCallsOf(callback),
    changes: callback.changes.map(({ number, isLast, json }) => ({ number, is_last: isLast, json: storable(json) })),
    failures: callback.failures.map(({ attempt, call, beganAt, endedAt, error }) => ({
      attempt,
      call: call && JSON.stringify(call),
      began_at: beganAt,
      ended_at: endedAt,
      error: storable(error),
    })),
  };
}

function deadCallsOf({ deadCalls }: MovingCallback) {
  const { callRow, errorRows } = createCallRows();
  const calls = deadCalls.map((each) => {
    const { number, state, attempts, diedAt } = each;
    return { number, state, attempts, died_at: diedAt, ...callRow(each) };
  });
  const countOf = (wanted: string) => calls.filter(({ state }) => state === wanted).length;
  return { calls_dead: countOf("dead"), calls_owed: countOf("owed"), calls, errors: errorRows() };
}
