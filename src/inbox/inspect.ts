import type { AcceptedCallback } from "../callback/callback.ts";
import type { Position } from "./inbox.ts";

/** How many callbacks one call deletes: a long transaction would keep others waiting. */
export const PRUNE_CHUNK = 500;
/** How many held lanes an overview names. */
export const LONGEST_HELD = 10;

/** Pending, or how it ended. */
export type CallbackState = "pending" | "done" | "discarded" | "dead";

/** The half of an inbox that is for people: to look at what it keeps, and to act on it while others work. */
export interface InspectableInbox {
  /** What the inbox holds now, and the lanes that a failed callback holds up. */
  overview(): Promise<InboxOverview>;

  /** The ids of the callbacks that match, newest first. */
  find(filter: CallbackFilter, limit?: number): Promise<readonly number[]>;

  /**
   * What came in and what ended, in steps of `stepMs` from `since` until before `until`, oldest first; steps without
   * either are left out. Times are milliseconds since 1970. What was pruned isn't counted. For a plot: every step
   * costs time, also an empty one.
   */
  activity(since: number, until: number, stepMs: number): Promise<readonly Activity[]>;

  /** Everything that is known of a callback. */
  show(id: number): Promise<StoredCallback | undefined>;

  /**
   * Makes callbacks owed again, at the ends of their lanes, in the order given: a dead one goes on where it failed,
   * with its steps and a fresh count of attempts; a done or a discarded one starts afresh. All in one transaction: give
   * at most 500. The totals of {@linkcode InboxOverview} stay what they were.
   *
   * @returns for each id what came of it
   */
  replay(ids: readonly number[]): Promise<readonly ActedOn[]>;

  /**
   * Ends callbacks that are pending or dead; what waited for one of them in its lane is due at once. All in one
   * transaction: give at most 500.
   *
   * @returns for each id what came of it
   */
  discard(ids: readonly number[]): Promise<readonly ActedOn[]>;

  /** Deletes up to 500 callbacks of these states that ended before that time. @returns how many */
  prune(states: readonly Exclude<CallbackState, "pending">[], endedBefore: number): Promise<number>;
}

/** What is where. Times are milliseconds since 1970. */
export interface InboxOverview {
  /** Callbacks that are not processed yet. */
  readonly pending: number;
  /** Kept: what was pruned isn't counted. */
  readonly done: number;
  /** Discarded callbacks that are kept. */
  readonly discarded: number;
  /** Dead letters that are kept. */
  readonly dead: number;
  /**
   * How often a callback ended, since the inbox was made: as a dead letter, or otherwise. They only grow: one that was
   * dead, was replayed and is done then counts in both.
   */
  readonly totals: { readonly done: number; readonly dead: number };
  /** When the oldest of those that are pending was accepted. */
  readonly oldestPendingAt: number | undefined;
  /** Lanes that owe something. */
  readonly lanes: number;
  /** Lanes among them that wait because a callback has failed. */
  readonly heldLanes: number;
  /** The ten of these that have waited longest. */
  readonly longestHeld: readonly HeldLane[];
}

/** What happened in one step of time. */
export interface Activity {
  /** When the step begins. */
  readonly at: number;
  /** Callbacks that came in. */
  readonly accepted: number;
  /** Done or discarded. */
  readonly done: number;
  /** Callbacks that became dead letters. */
  readonly dead: number;
}

/** A lane that a failed callback holds up. */
export interface HeldLane {
  /** The lane's id: its scope object. */
  readonly lane: number;
  /** The callback that failed. */
  readonly callback: number;
  /** Attempts so far. */
  readonly attempts: number;
  /** When it failed for the first time. */
  readonly since: number;
  /** When it is tried again. */
  readonly retryAt: number;
  /** Why it failed. */
  readonly error: string;
}

/** What is left out doesn't matter. */
export interface CallbackFilter {
  /** In one of these states. */
  readonly states?: readonly CallbackState[] | undefined;
  /** Of this sheet or plan. */
  readonly scopeObjectId?: number | undefined;
  /** Of this webhook. */
  readonly webhookId?: number | undefined;
  /** Accepted then or later. */
  readonly since?: number | undefined;
  /** Accepted before. */
  readonly until?: number | undefined;
}

/** A callback as the inbox keeps it. */
export interface StoredCallback extends AcceptedCallback {
  /** The inbox's own number. */
  readonly id: number;
  /** Pending, or how it ended. */
  readonly state: CallbackState;
  /** True while an attempt at it runs. */
  readonly isRunning: boolean;
  /** Attempts since it was accepted or replayed. */
  readonly attempts: number;
  /** How many attempts in a row never ended: their process was killed, or they lost their lease. */
  readonly unfinished: number;
  /** The call to go on with; undefined means from the start. */
  readonly position: Position | undefined;
  /** The keys of the steps that ended. */
  readonly steps: readonly string[];
  /** Why the last attempt failed, or the callback was discarded. */
  readonly error: string | undefined;
  /** When it failed for the first time since it was accepted or replayed. */
  readonly failedAt: number | undefined;
  /** When the last attempt began. */
  readonly attemptedAt: number | undefined;
  /** The last 100 attempts that failed, oldest first, also those before a replay. */
  readonly failures: readonly Failure[];
  /** When it is tried again, if it holds up its lane. */
  readonly retryAt: number | undefined;
  /** When it was done, discarded or dead. */
  readonly endedAt: number | undefined;
}

/** An attempt that failed, or never ended. */
export interface Failure {
  /** The attempt's number, from 1. */
  readonly attempt: number;
  /** When it began. */
  readonly beganAt: number;
  /** For one that never ended: when that was noticed. */
  readonly endedAt: number;
  /** Why it failed. */
  readonly error: string;
}

/** What came of one id: `unchanged` for one whose state doesn't allow it, `running` for one that is worked right now. */
export interface ActedOn {
  /** The id that was given. */
  readonly id: number;
  /** What was done. */
  readonly outcome: "changed" | "unchanged" | "running" | "unknown";
  /** The state that it was found in. */
  readonly state: CallbackState | undefined;
}
