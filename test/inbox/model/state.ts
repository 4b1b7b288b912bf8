// What an inbox should hold, as its contract says: src/inbox/inbox.ts and inspect.ts.
import type { AcceptedCallback } from "../../../src/callback/callback.ts";
import type { Lease, Position, Work } from "../../../src/inbox/inbox.ts";
import type { CallbackState, Failure, StoredDeadCall } from "../../../src/inbox/inspect.ts";
import type { ChangesPart, MirroredRow, MirrorWrite } from "../../../src/inbox/mirror.ts";

export const LEASE_MS = 20_000;
export const KEEP_MS = 7 * 86_400_000;
/** Differs between inboxes. */
export const NEVER_ENDED = "Never ended";

export interface ModelCallback {
  readonly id: number;
  readonly callback: AcceptedCallback;
  state: CallbackState;
  attempts: number;
  unfinished: number;
  position: Position | undefined;
  steps: Map<string, string>;
  error: string | undefined;
  failedAt: number | undefined;
  attemptedAt: number | undefined;
  endedAt: number | undefined;
  readonly failures: Failure[];
  deadCalls: StoredDeadCall[];
  readonly parts: ChangesPart[];
}

/** A lease that a worker was given, for as long as it is of interest: also when it is lost. */
export interface Held {
  readonly worker: number;
  readonly lease: Lease;
  until: number;
  /** The attempt that it runs. */
  work: Work | undefined;
  /** An attempt that it ran before. */
  old: Work | undefined;
  /** It was told that nothing is pending: it may count as given back. */
  isLoose: boolean;
  /** It was told that it is lost, once it had expired. */
  isRefused: boolean;
}

export interface ModelLane {
  readonly id: number;
  /** What is pending, in order. */
  queue: ModelCallback[];
  /** When it may be leased, while nobody has it. */
  dueAt: number;
  /** False if it may have waited longer than since `dueAt`. */
  isDueAtExact: boolean;
  /** Before that, the first callback isn't taken again. */
  retryAt: number;
  /** The last lease, until it was released or another noticed that it had expired. */
  held: Held | undefined;
  /** Its attempt at the first callback runs. */
  isTaken: boolean;
}

export interface ModelSheet {
  sheet: MirrorWrite["sheet"];
  revision: number;
  readonly rows: Map<number, MirroredRow>;
}

export interface Model {
  now: number;
  /**
   * By how much the clock was set back, if the inbox moves due times and leases with it: all may come earlier by up to
   * that, as seen on the clock.
   */
  slack: number;
  lastId: number;
  readonly callbacks: Map<number, ModelCallback>;
  readonly lanes: Map<number, ModelLane>;
  readonly totals: { done: number; dead: number };
  /** All that was ever put. */
  readonly given: AcceptedCallback[];
  held: Held[];
  readonly tokens: Set<string>;
  readonly sheets: Map<number, ModelSheet>;
  /** All that there ever were. */
  readonly revisions: Set<number>;
}

export function createModel(now: number): Model {
  return {
    now,
    slack: 0,
    lastId: 0,
    callbacks: new Map(),
    lanes: new Map(),
    totals: { done: 0, dead: 0 },
    given: [],
    held: [],
    tokens: new Set(),
    sheets: new Map(),
    revisions: new Set(),
  };
}

export function laneOf({ lanes }: Model, id: number): ModelLane {
  const lane = lanes.get(id) ??
    { id, queue: [], dueAt: 0, isDueAtExact: true, retryAt: 0, held: undefined, isTaken: false };
  lanes.set(id, lane);
  return lane;
}

/** Whether a lease holds. Once it has expired, an inbox may refuse it or not, until another has the lane. */
export function statusOf(model: Model, held: Held): "held" | "maybe" | "lost" {
  if (laneOf(model, held.lease.lane).held !== held || held.isRefused) return "lost";
  return held.isLoose || isOver(model, held) ? "maybe" : "held";
}

/** Whether a lease may have expired. */
export function isOver({ now, slack }: Model, { until }: Held): boolean {
  return until - slack <= now;
}

export function isRunning(model: Model, { id, callback }: ModelCallback): boolean {
  const { held, isTaken, queue } = laneOf(model, callback.scopeObjectId);
  return isTaken && queue[0]?.id === id && held!.until > model.now;
}

/** Doubles from 1 s to 1 h; without the spread, as the inboxes are given 0.5 for it. */
export function delayAfter(attempt: number): number {
  return Math.min(1000 * 2 ** (attempt - 1), 3_600_000);
}

/** Done and discarded callbacks may be forgotten then. */
export function mayBeForgotten({ now, slack }: Model, { state, endedAt }: ModelCallback): boolean {
  return (state === "done" || state === "discarded") && endedAt! < now + slack - KEEP_MS;
}

/** At the end of its lane. */
export function queue(model: Model, entry: ModelCallback): void {
  const lane = laneOf(model, entry.callback.scopeObjectId);
  if (!lane.queue.length && (!lane.held || lane.held.isLoose || isOver(model, lane.held))) {
    lane.dueAt = model.now;
    lane.isDueAtExact = !lane.held;
  }
  lane.queue.push(entry);
}

/** Out of its lane. A lane that its first callback held up is due. */
export function leave(model: Model, entry: ModelCallback): void {
  const lane = laneOf(model, entry.callback.scopeObjectId);
  const isFirst = lane.queue[0] === entry;
  lane.queue = lane.queue.filter((other) => other !== entry);
  if (isFirst) lane.retryAt = 0;
  if (isFirst) lane.isTaken = false;
}
