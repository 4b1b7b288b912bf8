import type { AcceptedCallback } from "../../callback/callback.ts";
import { SheethookError } from "../../errors.ts";
import type { EndedCall, Position } from "../inbox.ts";
import type { CallbackState, Failure, StoredDeadCall } from "../inspect.ts";
import type { ChangesPart } from "../mirror.ts";
import { append, createLinkedList, type Linked, type LinkedList, remove } from "./linked_list.ts";
import { retryDelayMs } from "../attempts.ts";
import { MAX_FAILURES } from "../limits.ts";

/** A callback and its state. It is in the queue of its lane, or among those that ended. */
export interface Entry extends Linked<Entry> {
  readonly id: number;
  readonly callback: AcceptedCallback;
  /** A callback with one of these is a duplicate. */
  readonly keys: readonly [string, string];
  state: CallbackState;
  attempts: number;
  unfinished: number;
  position: Position | undefined;
  /** Few callbacks have any. */
  steps: Map<string, string> | undefined;
  error: string | undefined;
  failedAt: number | undefined;
  attemptedAt: number | undefined;
  /** After a failure: it isn't taken again before that. */
  retryAt: number;
  endedAt: number | undefined;
  failures: Failure[] | undefined;
  /** In order of their numbers. */
  deadCalls: readonly StoredDeadCall[];
  /** Those of rows, as JSON. */
  readonly changes: ChangesPart[];
}

export interface Lane {
  readonly lane: number;
  /** Pending callbacks; the first is processed next. */
  readonly queue: LinkedList<Entry>;
  dueAt: number;
  /** Empty while the lane isn't leased. */
  token: string;
  leasedUntil: number;
  /** True while an attempt at the first runs. */
  isTaken: boolean;
}

/** What {@linkcode createMemoryStore} returns. */
export interface MemoryStore {
  readonly entries: ReadonlyMap<number, Entry>;
  readonly lanes: Map<number, Lane>;
  /** Done or discarded, in the order in which they ended, as the dead ones. */
  readonly ended: LinkedList<Entry>;
  readonly dead: LinkedList<Entry>;
  /** How many callbacks are pending, and how often one has ended. */
  readonly totals: { pending: number; done: number; dead: number };
  /** Called when a lane may have become due. */
  readonly waiting: Set<() => void>;
  now(): number;
  /** @throws {SheethookError} `inbox_full` */
  requireRoom(): void;
  /** @throws {SheethookError} `inbox_full` */
  add(callback: AcceptedCallback): "stored" | "duplicate";
  /** Makes a callback that had ended pending again. */
  reopen(entry: Entry): void;
  /** Ends a callback that was pending or dead. */
  end(entry: Entry, state: "done" | "discarded" | "dead", error: string | undefined): void;
  /** Forgets a callback that has ended. */
  drop(entry: Entry): void;
  /** Forgets a pending callback. */
  withdraw(entry: Entry): void;
  /** An attempt at the call that the callback is at, or at `call`. */
  addFailure(entry: Entry, error: string, failed?: Pick<Failure, "attempt" | "call">): void;
  /** Records dead calls, and those that aren't dead any more. */
  addEnded(entry: Entry, ended: readonly EndedCall[]): void;
  /** Ends an expired lease, and the attempt that was under way. */
  expire(lane: Lane, time: number): void;
  wake(): void;
}

const NONE: readonly StoredDeadCall[] = [];
/** 100,000 large callbacks would take more memory than a process should. */
const MAX_ENDED_LENGTH = 128 * 2 ** 20;

/** No change takes longer the more callbacks there are. */
export function createMemoryStore(
  { maxPending, keepMs, maxRemembered, now, random }: {
    readonly maxPending: number;
    readonly keepMs: number;
    readonly maxRemembered: number;
    readonly now: () => number;
    readonly random: () => number;
  },
): MemoryStore {
  const entries = new Map<number, Entry>();
  const lanes = new Map<number, Lane>();
  /** The keys of all entries. */
  const known = new Set<string>();
  const ended = createLinkedList<Entry>();
  const dead = createLinkedList<Entry>();
  const totals = { pending: 0, done: 0, dead: 0 };
  const waiting = new Set<() => void>();
  /** Of the bodies of `ended` and `dead`. */
  let endedLength = 0;
  let lastId = 0;

  function wake(): void {
    for (const wakeUp of waiting) wakeUp();
    waiting.clear();
  }

  function requireRoom(): void {
    if (totals.pending < maxPending) return;
    throw new SheethookError("inbox_full", `Inbox holds ${maxPending} callbacks: see the option maxPending`);
  }

  function add(callback: AcceptedCallback): "stored" | "duplicate" {
    forget();
    const keys = keysOf(callback);
    if (keys.some((key) => known.has(key))) return "duplicate";
    requireRoom();
    for (const key of keys) known.add(key);
    const entry: Entry = {
      id: ++lastId,
      callback,
      keys,
      state: "pending",
      attempts: 0,
      unfinished: 0,
      position: undefined,
      steps: undefined,
      error: undefined,
      failedAt: undefined,
      attemptedAt: undefined,
      retryAt: 0,
      endedAt: undefined,
      failures: undefined,
      deadCalls: NONE,
      changes: [],
      previous: undefined,
      next: undefined,
    };
    entries.set(entry.id, entry);
    queue(entry);
    return "stored";
  }

  function queue(entry: Entry): void {
    totals.pending++;
    const id = entry.callback.scopeObjectId;
    const found = lanes.get(id);
    if (found) return append(found.queue, entry);
    const lane = {
      lane: id,
      queue: createLinkedList<Entry>(),
      dueAt: now(),
      token: "",
      leasedUntil: 0,
      isTaken: false,
    };
    append(lane.queue, entry);
    lanes.set(id, lane);
    wake();
  }

  function reopen(entry: Entry): void {
    remove(entry.state === "dead" ? dead : ended, entry);
    endedLength -= entry.callback.body.length;
    if (entry.state !== "dead") {
      entry.error = undefined;
      entry.deadCalls = NONE;
    }
    entry.state = "pending";
    entry.attempts = entry.unfinished = 0;
    entry.failedAt = entry.endedAt = undefined;
    queue(entry);
  }

  function end(entry: Entry, state: "done" | "discarded" | "dead", error: string | undefined): void {
    if (entry.state === "pending") {
      leaveLane(entry);
      endedLength += entry.callback.body.length;
      totals[state === "dead" ? "dead" : "done"]++;
    } else remove(dead, entry);
    entry.state = state;
    entry.error = error;
    entry.endedAt = now();
    entry.unfinished = entry.retryAt = 0;
    // Only the replay of a dead letter needs them.
    if (state !== "dead") entry.steps = entry.position = undefined;
    if (state === "discarded") entry.deadCalls = entry.deadCalls.map((call) => ({ ...call, state: "skipped" }));
    append(state === "dead" ? dead : ended, entry);
    forget();
  }

  function leaveLane(entry: Entry): void {
    const lane = lanes.get(entry.callback.scopeObjectId)!;
    remove(lane.queue, entry);
    if (!lane.queue.first && !lane.token) lanes.delete(lane.lane);
    totals.pending--;
  }

  function withdraw(entry: Entry): void {
    leaveLane(entry);
    erase(entry);
  }

  function forget(): void {
    while (ended.first && (isTooMuch() || ended.first.endedAt! < now() - keepMs)) drop(ended.first);
    while (isTooMuch()) drop(dead.first!);
  }

  function isTooMuch(): boolean {
    return ended.size + dead.size > maxRemembered || endedLength > MAX_ENDED_LENGTH;
  }

  function drop(entry: Entry): void {
    remove(entry.state === "dead" ? dead : ended, entry);
    endedLength -= entry.callback.body.length;
    erase(entry);
  }

  function erase(entry: Entry): void {
    entries.delete(entry.id);
    for (const key of entry.keys) known.delete(key);
  }

  function addFailure(
    entry: Entry,
    error: string,
    { attempt, call }: Pick<Failure, "attempt" | "call"> = { attempt: entry.attempts, call: entry.position },
  ): void {
    const { attemptedAt, callback } = entry;
    entry.failures ??= [];
    entry.failures.push({ attempt, call, beganAt: attemptedAt ?? callback.acceptedAt, endedAt: now(), error });
    if (entry.failures.length > MAX_FAILURES) entry.failures.shift();
  }

  function addEnded(entry: Entry, ended: readonly EndedCall[]): void {
    if (!ended.length) return;
    const byKey = new Map(entry.deadCalls.map((call) => [keyOfCall(call), call]));
    // Equal errors are one text.
    const texts = new Map(entry.deadCalls.map(({ error }) => [error, error]));
    let last = entry.deadCalls.at(-1)?.number ?? 0;
    for (const each of ended) {
      const { call, handler, attempt, error: given } = each;
      const known = byKey.get(keyOfCall(each));
      if (given === undefined) {
        byKey.delete(keyOfCall(each));
        continue;
      }
      // Not if it was saved already.
      if (known?.state === "dead" && known.attempts === attempt && known.error === given) continue;
      const error = texts.get(given) ?? given;
      texts.set(error, error);
      const number = known?.number ?? ++last;
      byKey.set(keyOfCall(each), { number, call, handler, state: "dead", attempts: attempt, diedAt: now(), error });
      addFailure(entry, error, { attempt, call });
    }
    entry.deadCalls = [...byKey.values()];
  }

  function expire(lane: Lane, time: number): void {
    if (!lane.token || lane.leasedUntil > time) return;
    lane.token = "";
    const { first } = lane.queue;
    if (!first) lanes.delete(lane.lane);
    if (!lane.isTaken || !first) return;
    lane.isTaken = false;
    first.unfinished++;
    addFailure(first, "Never ended: it lost its lease");
    lane.dueAt = lane.leasedUntil + retryDelayMs(first.attempts, random);
  }

  return {
    entries,
    lanes,
    ended,
    dead,
    totals,
    waiting,
    now,
    requireRoom,
    add,
    reopen,
    end,
    drop,
    withdraw,
    addFailure,
    addEnded,
    expire,
    wake,
  };
}

function keysOf({ webhookId, nonce, timestamp, digest }: AcceptedCallback): readonly [string, string] {
  return [`${webhookId} n ${nonce} ${digest}`, `${webhookId} t ${timestamp} ${digest}`];
}

function keyOfCall({ call, handler }: Pick<EndedCall, "call" | "handler">): string {
  return `${call.event} ${handler}`;
}
