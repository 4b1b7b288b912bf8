import type { AcceptedCallback } from "../callback/callback.ts";
import type { Mirror } from "./mirror.ts";

/** The least that `createReceiver` takes as an inbox: a queue of the host's own. Nobody works it here. */
export interface PutOnlyInbox {
  /**
   * Stores a callback; when what it returns has resolved, the callback is safe and Smartsheet is answered 200. When it rejects, or takes
   * longer than 4 s, the answer is 503 and Smartsheet sends the callback again.
   *
   * @returns `duplicate` if the inbox had it already (see {@linkcode AcceptedCallback.digest}); anything else counts as new
   */
  put(callback: AcceptedCallback): unknown;
}

/**
 * The durable log of accepted callbacks, pending and ended, in lanes: a lane is the callbacks of one scope object, which are
 * processed one at a time in the order in which they were put.
 *
 * Everything that takes a lease rejects with `lease_lost` once another worker has the lane, and may do so once the lease has
 * expired: a worker that has lost a lane can't record anything.
 */
export interface Inbox extends PutOnlyInbox {
  /** Insert or ignore: the same callback is stored once, even when two are put at the same time. */
  put(callback: AcceptedCallback): Promise<"stored" | "duplicate">;

  /**
   * Leases up to `limit` lanes that are due and not leased, those that have waited longest first. A lane whose lease expired
   * during an attempt is due after the delay of a failed attempt (`retryDelayMs`).
   */
  lease(limit: number, leaseMs: number): Promise<readonly Lease[]>;

  /** Extends leases to `leaseMs` from now. @returns those that are lost */
  renew(leases: readonly Lease[], leaseMs: number): Promise<readonly Lease[]>;

  /** Ends a lease. Does nothing if the lease is lost. */
  release(lease: Lease): Promise<void>;

  /**
   * The oldest pending callback of the lane, if it is due. Its attempt is counted durably before this resolves: a callback
   * that kills the process uses up its attempts, too.
   */
  take(lease: Lease): Promise<Work | undefined>;

  /**
   * Records how the attempt ended; except after `failed` and `paused` the lane goes on with its next callback.
   *
   * @param options with `next`, the same transaction takes the next callback, as {@linkcode take} does
   * @returns what was taken
   */
  finish(
    lease: Lease,
    work: Work,
    outcome: Outcome,
    options?: { readonly next?: boolean | undefined },
  ): Promise<Work | undefined>;

  /**
   * Saves how far the attempt has come, while it runs: the call that it is at, and what became of calls before it. When the
   * process is killed from then on, that counts against this call.
   */
  saveProgress(lease: Lease, work: Work, progress: Progress): Promise<void>;

  /** Saves the result of a step; it is in `Work.steps` of the callback's later attempts. */
  saveStep(lease: Lease, work: Work, key: string, json: string): Promise<void>;

  /** The last known state of sheets. */
  readonly mirror: Mirror;

  /** Resolves when a lane may have become due, or when `signal` aborts. May resolve too early, never too late. */
  wait(signal: AbortSignal): Promise<void>;

  /** Writes, to find out whether a callback could be stored now. Rejects with the reason if not. */
  check(): Promise<void>;

  /** Closes files and connections. Callbacks stay. */
  close(): Promise<void>;
}

/** The right to process a lane. */
export interface Lease {
  /** The lane's id: its scope object. */
  readonly lane: number;
  /** Differs from that of every other lease. Leases are compared by it. */
  readonly token: string;
}

/** One attempt at one callback. */
export interface Work {
  /** The inbox's own number of the callback. */
  readonly id: number;
  /** The callback to run. */
  readonly callback: AcceptedCallback;
  /** The number of this attempt at the call that it begins with, from 1. */
  readonly attempt: number;
  /** How many attempts in a row before this one never ended: their process was killed, or they lost their lease. */
  readonly unfinished: number;
  /** The call that it begins with; undefined means from the start. */
  readonly position: Position | undefined;
  /** The results of steps that ended, as JSON, by their keys. */
  readonly steps: ReadonlyMap<string, string>;
  /** Its dead calls, in order of their numbers; without those that were skipped. */
  readonly deadCalls: readonly DeadCall[];
}

/**
 * What a call is about: an event by its index from 0, a changed row, a gap, or for `onCallback` and `onStatus` the whole callback.
 * `read` reads the rows, before all others.
 */
export type CallName = "read" | number | `row/${number}` | "gap" | "all" | "status";

/** A call of a callback. */
export interface Position {
  /** What it is about. */
  readonly event: CallName;
  /** The handler's index among those of its kind, from 0. */
  readonly handler: number;
  /** The registered patterns that `handler` counts in; if they have changed, the event starts over. */
  readonly fingerprint: string;
}

/** A call that has used up its attempts. */
export interface DeadCall {
  /** Its number in its callback, from 1. */
  readonly number: number;
  /** Which call. */
  readonly call: Position;
  /** The handler's patterns and name, by which it is found again: see `context.step`. */
  readonly handler: string;
  /** True once it was replayed. A callback with an owed call has come to its end before: only owed calls run. */
  readonly isOwed: boolean;
}

/** How far an attempt has come. */
export interface Progress {
  /** The call that it is at. */
  readonly position: Position;
  /** The number of this attempt at that call, from 1. @default that of the work: it is at the call that it began with */
  readonly attempt?: number | undefined;
  /** Calls that died, and dead calls that ran again and ended, since progress was last saved. Saving one twice changes nothing. */
  readonly ended?: readonly EndedCall[] | undefined;
}

/** A call that is dead now; or, without an error, one that was dead and isn't any more. */
export interface EndedCall {
  /** Which call. */
  readonly call: Position;
  /** Its event and this tell it from the other calls of its callback. */
  readonly handler: string;
  /** The number of its last attempt. */
  readonly attempt: number;
  /** Why it is dead. */
  readonly error?: string | undefined;
}

/**
 * How an attempt ended. `dropped`: the callback is deleted, and counted nowhere. `paused` doesn't count as an attempt: the
 * process is stopping. `dead`: all calls have ended, and at least one is dead; or, with a position, nothing could be run.
 * A discarded callback's dead calls count as skipped.
 */
export type Outcome =
  | { readonly kind: "done"; readonly ended?: readonly EndedCall[] | undefined }
  | { readonly kind: "dropped" }
  | { readonly kind: "discarded"; readonly reason: string }
  | ({ readonly kind: "failed"; readonly error: string; readonly retryAfterMs: number } & Progress)
  | {
    readonly kind: "dead";
    /** @default that of the last dead call that died */
    readonly error?: string | undefined;
    /** Where a replay begins, if no call is dead. */
    readonly position?: Position | undefined;
    readonly ended?: readonly EndedCall[] | undefined;
  }
  | ({ readonly kind: "paused" } & Progress);
