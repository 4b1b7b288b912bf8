/** The user or application that makes a change. */
export interface Actor {
  readonly userId: number;
  /** The request's `Smartsheet-Change-Agent`; a person has none. */
  readonly changeAgent?: string | undefined;
}

/** An event without time and user. */
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

/** An item of a callback's `events`. It holds no cell values. */
export interface WebhookEvent extends Change {
  readonly userId: number;
  readonly timestamp: string;
  readonly changeAgent?: string;
}

const MAX_CHANGE_AGENT = 512;

/** The events of one edit, all with the same timestamp. A change agent that is too long is cut at the front. */
export function eventsOf(changes: readonly Change[], actor: Actor, timestamp: string): WebhookEvent[] {
  const { userId, changeAgent } = actor;
  const who = changeAgent ? { userId, timestamp, changeAgent: changeAgent.slice(-MAX_CHANGE_AGENT) } : {
    userId,
    timestamp,
  };
  return changes.map((change) => ({ ...change, ...who }));
}
