/** What a receiver has seen since it was created. Each number only grows. */
export interface Counts {
  /** Challenges answered. */
  challenges: number;
  /** Callbacks answered with 200 and new (or, without an inbox, handled). */
  accepted: number;
  /** Callbacks answered with 200 because the inbox had them already. */
  duplicates: number;
  /** Callbacks answered with 200 and not stored, being older than `maxAgeMs`. */
  stale: number;
  /** Requests answered with anything but 200. */
  refused: number;
  /** Events handed to at least one `on` handler. */
  handled: number;
  /** Events that no `on` handler matches. */
  unhandled: number;
  /** Events that were ours: not handed to handlers unless `ownChanges: "deliver"`. */
  ownChanges: number;
  /** Those of them that were known by a cut-off tail of our name only. */
  cutOwnChanges: number;
  /** Calls that threw, each time. */
  failures: number;
  /** Calls of handlers that used up their attempts. */
  deadCalls: number;
  /** Callbacks that ended with a dead call. */
  deadLetters: number;
  /** Calls that a handler skipped. */
  skipped: number;
  /** Callbacks that a handler discarded. */
  discarded: number;
  /** Leases of lanes that were lost here, to another process or to a clock: no failure of a handler. */
  lostLeases: number;
  /** Unhandled rejections: only `sheethook serve` counts them. */
  unhandledErrors: number;
}

export function createCounts(): Counts {
  return {
    challenges: 0,
    accepted: 0,
    duplicates: 0,
    stale: 0,
    refused: 0,
    handled: 0,
    unhandled: 0,
    ownChanges: 0,
    cutOwnChanges: 0,
    failures: 0,
    deadCalls: 0,
    deadLetters: 0,
    skipped: 0,
    discarded: 0,
    lostLeases: 0,
    unhandledErrors: 0,
  };
}
