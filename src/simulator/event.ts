/** Who makes a change. */
export interface Actor {
  readonly userId: number;
  /** Of the request's `Smartsheet-Change-Agent`; a person has none. */
  readonly changeAgent?: string | undefined;
}

/** One thing that happened to an object: an event without when and who. */
export interface Change {
  /** `row`, `cell`, ... */
  readonly objectType: string;
  /** `created`, `updated`, `deleted`, ... */
  readonly eventType: string;
  /** The object's id; cells have none. */
  readonly id?: number;
  /** The cell's row. */
  readonly rowId?: number;
  /** The cell's column. */
  readonly columnId?: number;
}

/** One item of a callback's `events`. It holds no values. */
export interface WebhookEvent extends Change {
  readonly userId: number;
  readonly timestamp: string;
  readonly changeAgent?: string;
}

const MAX_CHANGE_AGENT = 512;

/** The events of one edit: all with one timestamp. Of a change agent that is too long, the front is cut. */
export function eventsOf(changes: readonly Change[], actor: Actor, timestamp: string): WebhookEvent[] {
  const { userId, changeAgent } = actor;
  const who = changeAgent ? { userId, timestamp, changeAgent: changeAgent.slice(-MAX_CHANGE_AGENT) } : {
    userId,
    timestamp,
  };
  return changes.map((change) => ({ ...change, ...who }));
}
