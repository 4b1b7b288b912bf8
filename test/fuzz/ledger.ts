import { callbackKeys, type Members } from "./oracle/is_callback.ts";

/** What the answers say of what the server must hold. */
export interface Ledger {
  readonly counts: {
    /** Callbacks that were answered 200, each once. */
    accepted: number;
    /** Those that were answered 200 once more. */
    duplicates: number;
    challenges: number;
    /** Requests whose answer didn't come, was the runtime's own, or 503: whether they were processed isn't known. */
    unknown: number;
    /** Answers of 503. */
    unavailable: number;
  };
  /** A callback was answered 200. */
  accept(members: Members): void;
  /** A callback may have been processed. */
  suspect(members: Members): void;
  /** True if a stored callback is one that was answered 200, or may have been. */
  knows(members: Members): boolean;
}

/** Recognises the same callback as the contract does: by its nonce or its timestamp, together with its events. */
export function createLedger(): Ledger {
  const counts = { accepted: 0, duplicates: 0, challenges: 0, unknown: 0, unavailable: 0 };
  const seen = new Set<string>();
  const suspected = new Set<string>();
  return {
    counts,
    accept(members) {
      const keys = callbackKeys(members);
      counts[keys.some((key) => seen.has(key)) ? "duplicates" : "accepted"]++;
      for (const key of keys) seen.add(key);
    },
    suspect(members) {
      counts.unknown++;
      for (const key of callbackKeys(members)) suspected.add(key);
    },
    knows: (members) => callbackKeys(members).some((key) => seen.has(key) || suspected.has(key)),
  };
}
