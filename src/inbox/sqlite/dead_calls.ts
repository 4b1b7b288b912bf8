import { hash } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import { errorKey } from "../error_key.ts";
import type { DeadCall, EndedCall, Position } from "../inbox.ts";
import type { Failure, StoredDeadCall } from "../inspect.ts";
import { MAX_FAILURES } from "../limits.ts";
import type { SqliteStatements } from "./statements.ts";

const DIGEST_BYTES = 16;

/** Counts a callback's dead calls anew, after any change of theirs. */
export const COUNT_CALLS: string = `
  update callbacks set (dead_count, owed_count) = (
    select count(*) filter (where state = 'dead'), count(*) filter (where state = 'owed')
    from dead_calls where callback = callbacks.id)
  where id = ?`;
/** For a callback that is discarded. */
export const SKIP_CALLS: string = "update dead_calls set state = 'skipped' where callback = ? and state <> 'skipped'";
const DEAD_CALLS = `
  select number, call, handler, state, attempts, died_at as diedAt, error from dead_calls
  where callback = ? order by number`;
const FAILURES = `
  select attempt, call, began_at as beganAt, ended_at as endedAt, error from failures
  where callback = ? order by id desc limit ${MAX_FAILURES}`;

/** How dead calls are written, in a transaction. */
export interface DeadCallWriter {
  /** Records dead calls, and those that aren't dead any more, of a callback. */
  add(callback: number, ended: readonly EndedCall[] | undefined, time: number): void;
  /** Records a failure of the call that the callback is at. */
  fail(callback: number, error: string, time: number): void;
}

export function createDeadCallWriter(sql: SqliteStatements): DeadCallWriter {
  /** @returns the text's row */
  function keepText(callback: number, text: string): number {
    const digest = hash("sha256", text, "buffer").subarray(0, DIGEST_BYTES);
    const found = sql.text.get(callback, digest) ?? sql.addText.get(callback, digest, errorKey(text), text);
    return (found as { id: number }).id;
  }

  return {
    add(callback, ended = [], time) {
      if (!ended.length) return;
      const texts = new Map<string, number>();
      const died: EndedCall[] = [];
      let { number: last } = sql.lastNumber.get(callback) as { number: number };
      for (const each of ended) {
        const { call, handler, attempt, error } = each;
        const event = String(call.event);
        if (error === undefined) {
          sql.revive.run(callback, event, handler);
          continue;
        }
        const text = texts.get(error) ?? keepText(callback, error);
        texts.set(error, text);
        const values = [event, handler, JSON.stringify(call), attempt, time, text];
        const dead = sql.die.get(callback, last + 1, ...values) as { number: number } | undefined;
        if (!dead) continue;
        last = Math.max(last, dead.number);
        died.push(each);
      }
      for (const { call, attempt, error } of died.slice(-MAX_FAILURES)) {
        sql.failureOf.run(attempt, JSON.stringify(call), time, error!, callback);
      }
      if (died.length) sql.trimFailures.run(callback);
      sql.countCalls.run(callback);
    },

    fail(callback, error, time) {
      sql.failure.run(time, error, callback);
      sql.trimFailures.run(callback);
    },
  };
}

/** The calls that `Work` tells of. */
export function workCalls(sql: SqliteStatements, callback: number): DeadCall[] {
  const rows = sql.deadCalls.all(callback) as unknown as CallRow[];
  return rows.map(({ number, call, handler, state }) => ({
    number,
    call: JSON.parse(call),
    handler,
    isOwed: state === "owed",
  }));
}

/** Equal errors are one text. */
export function readDeadCalls(database: DatabaseSync, callback: number): StoredDeadCall[] {
  const rows = database.prepare(DEAD_CALLS).all(callback) as unknown as CallRow[];
  if (!rows.length) return [];
  const errors = database.prepare("select id, text from errors where callback = ?").all(callback);
  const texts = new Map(errors.map(({ id, text }) => [id as number, text as string]));
  return rows.map((row) => ({ ...row, call: JSON.parse(row.call), error: texts.get(row.error)! }));
}

/** Oldest first. */
export function readFailures(database: DatabaseSync, callback: number): Failure[] {
  const rows = database.prepare(FAILURES).all(callback) as unknown as FailureRow[];
  return rows.map((row) => ({ ...row, call: positionOf(row.call) })).reverse();
}

export function positionOf(json: string | null): Position | undefined {
  return json === null ? undefined : JSON.parse(json);
}

interface CallRow extends Omit<StoredDeadCall, "call" | "error"> {
  readonly call: string;
  readonly error: number;
}

interface FailureRow extends Omit<Failure, "call"> {
  readonly call: string | null;
}
