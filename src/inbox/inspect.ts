import type { AcceptedCallback } from "../callback/callback.ts";
import type { RaisedAlerts } from "./alerts.ts";
import type { DeadCall, Position } from "./inbox.ts";

export type { RaisedAlert, RaisedAlerts } from "./alerts.ts";

/** Pending, or how it ended. */
export type CallbackState = "pending" | "done" | "discarded" | "dead";

/** The half of an inbox that is for people, who inspect callbacks and act on them while others are processed. */
export interface InspectableInbox {
  /** What the inbox holds now, and the lanes that a failed callback holds up. */
  overview(): Promise<InboxOverview>;

  /** The ids of the callbacks that match, newest first. */
  find(filter: CallbackFilter, limit?: number): Promise<readonly number[]>;

  /**
   * How many callbacks came in and ended, in steps of `stepMs` from `since` until before `until`, oldest first; steps without
   * either are left out. Times are milliseconds since 1970. Pruned callbacks aren't counted. For a plot: every step
   * costs time, also an empty one.
   */
  activity(since: number, until: number, stepMs: number): Promise<readonly Activity[]>;

  /** Everything that is known of a callback. */
  show(id: number): Promise<StoredCallback | undefined>;

  /**
   * Makes callbacks pending again, at the ends of their lanes, in the order given. Of a dead one the dead calls run, in
   * order, each with its steps and a fresh count of attempts (without dead calls, it goes on where it failed); a done or a
   * discarded one starts afresh. All in one transaction: give at most 500. The totals of {@linkcode InboxOverview} stay what
   * they were.
   *
   * @param pick which dead calls; a callback that has none of them is left `unchanged`. @default all
   * @returns the result for each id
   */
  replay(ids: readonly number[], pick?: CallPick): Promise<readonly ActedOn[]>;

  /**
   * Ends callbacks that are pending or dead; what waited for one of them in its lane is due at once. All in one
   * transaction: give at most 500.
   *
   * @returns the result for each id
   */
  discard(ids: readonly number[]): Promise<readonly ActedOn[]>;

  /**
   * Gives dead calls up for good, also ones that were replayed and haven't run yet. A dead letter without any other dead
   * call is done then. All in one transaction: give at most 500.
   *
   * @param pick which dead calls. @default all
   * @returns the result for each id: `unchanged` if it has no such call
   */
  skip(ids: readonly number[], pick?: CallPick): Promise<readonly ActedOn[]>;

  /** The errors of dead letters, those with the most calls first, at most 1,000. */
  deadErrors(filter?: CallbackFilter): Promise<readonly DeadError[]>;

  /** Deletes up to 500 callbacks of these states that ended before that time. @returns how many */
  prune(states: readonly Exclude<CallbackState, "pending">[], endedBefore: number): Promise<number>;

  /** What people were told by `serve --alert-url`, and isn't over. */
  readonly alerts: RaisedAlerts;
}

/** How many callbacks and lanes there are, by state. Times are milliseconds since 1970. */
export interface InboxOverview {
  /** Callbacks that are not processed yet. */
  readonly pending: number;
  /** Kept: pruned ones aren't counted. */
  readonly done: number;
  /** Discarded callbacks that are kept. */
  readonly discarded: number;
  /** Dead letters that are kept. */
  readonly dead: number;
  /** Their dead calls. */
  readonly deadCalls: number;
  /**
   * How often a callback ended, since the inbox was made: as a dead letter, or otherwise. They only grow: one that was
   * dead, was replayed and is done then counts in both.
   */
  readonly totals: { readonly done: number; readonly dead: number };
  /** When the oldest of those that are pending was accepted. */
  readonly oldestPendingAt: number | undefined;
  /** Lanes with pending callbacks. */
  readonly lanes: number;
  /** Lanes among them that wait because a callback has failed. */
  readonly heldLanes: number;
  /** The ten of these that have waited longest. */
  readonly longestHeld: readonly HeldLane[];
}

/** The callbacks of one step of time. */
export interface Activity {
  /** When the step begins. */
  readonly at: number;
  /** Callbacks that came in, without those of our own. */
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

/** A property that is left out matches everything. */
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
  /** Dead letters with this error: see {@linkcode DeadError.error}. */
  readonly error?: string | undefined;
}

/** Some of the dead calls of a callback: those that match all that is given. */
export interface CallPick {
  /** Their numbers, from 1. */
  readonly calls?: readonly number[] | undefined;
  /** Those that died of it: see {@linkcode DeadError.error}. */
  readonly error?: string | undefined;
}

/** An error that dead letters share. */
export interface DeadError {
  /** The first line of its text, with ids left out: see `errorKey`. */
  readonly error: string;
  /** How many dead letters have it. */
  readonly callbacks: number;
  /** How many of their calls died of it; 0 for dead letters that have no dead call. */
  readonly calls: number;
  /** The newest of these dead letters. */
  readonly last: number;
}

/** A callback as the inbox keeps it. */
export interface StoredCallback extends AcceptedCallback {
  /** The inbox's own number. */
  readonly id: number;
  /** Pending, or how it ended. */
  readonly state: CallbackState;
  /** True while an attempt at it runs. */
  readonly isRunning: boolean;
  /** Attempts at the call that it is at. */
  readonly attempts: number;
  /** How many attempts in a row never ended: their process was killed, or they lost their lease. */
  readonly unfinished: number;
  /** The call to go on with; undefined means from the start. Without meaning if there are owed calls, or the callback has ended. */
  readonly position: Position | undefined;
  /** Its dead calls, in order of their numbers, also those that were skipped. */
  readonly deadCalls: readonly StoredDeadCall[];
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

/** A dead call as the inbox keeps it. */
export interface StoredDeadCall extends Omit<DeadCall, "isOwed"> {
  /** `dead` until it was replayed, which makes it `owed`, or given up, which makes it `skipped`. */
  readonly state: "dead" | "owed" | "skipped";
  /** How often it was tried. */
  readonly attempts: number;
  /** When it died. */
  readonly diedAt: number;
  /** Why. */
  readonly error: string;
}

/** An attempt that failed, or never ended. */
export interface Failure {
  /** The number of the attempt at its call, from 1. */
  readonly attempt: number;
  /** The call; undefined for the first. For an attempt that never ended: as far as was known. */
  readonly call: Position | undefined;
  /** When it began. */
  readonly beganAt: number;
  /** For one that never ended: when that was noticed. */
  readonly endedAt: number;
  /** Why it failed. */
  readonly error: string;
}

/** The result for one id: `unchanged` if its state doesn't allow the action, `running` while an attempt at it runs. */
export interface ActedOn {
  /** The id that was given. */
  readonly id: number;
  /** What was done. */
  readonly outcome: "changed" | "unchanged" | "running" | "unknown";
  /** The state that it was found in. */
  readonly state: CallbackState | undefined;
  /** How many dead calls were replayed or skipped. */
  readonly calls: number;
}
