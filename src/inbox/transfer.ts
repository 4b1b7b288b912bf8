import type { AcceptedCallback } from "../callback/callback.ts";
import type { Failure, StoredDeadCall } from "./inspect.ts";
import type { ChangesPart, Mirror } from "./mirror.ts";

/** A callback on its way from one inbox to another, with all that is known of it. */
export interface MovingCallback extends AcceptedCallback {
  /** Its number in the inbox that it comes from. */
  readonly id: number;
  /** Where it stands in its lane there. */
  readonly place: number;
  readonly state: "pending" | "dead";
  readonly attempts: number;
  readonly attemptedAt: number | undefined;
  readonly unfinished: number;
  /** As JSON. */
  readonly position: string | undefined;
  readonly error: string | undefined;
  readonly failedAt: number | undefined;
  readonly endedAt: number | undefined;
  /** Its lane isn't processed before that. */
  readonly retryAt: number;
  readonly steps: readonly { readonly key: string; readonly json: string }[];
  readonly failures: readonly Failure[];
  readonly deadCalls: readonly StoredDeadCall[];
  /** All parts of the changes of rows that are stored. */
  readonly changes: readonly ChangesPart[];
}

/** An inbox that callbacks leave. */
export interface MovingSource {
  /** How many are still to be moved. */
  count(): number;
  /** The next of them, in the order in which they are processed; fewer than `limit` if they are large, none at the end. */
  next(limit: number): readonly MovingCallback[];
  /** Ends them here: they are in another inbox now. */
  moved(callbacks: readonly MovingCallback[], where: string): void;
  /** It stays here. */
  readonly mirror: Pick<Mirror, "sheets" | "rowsAfter" | "views">;
  close(): void;
}

/** An inbox that takes callbacks over from another. */
export interface MovingTarget {
  /**
   * Stores them, before all that was accepted here, in the order given; those that it has already are left as they are. When
   * it rejects, the first of them may be stored. Give at most 500. @returns how many are new
   */
  adopt(callbacks: readonly MovingCallback[]): Promise<number>;
  /** Takes sheets as well. */
  readonly mirror: Pick<Mirror, "sheet" | "write" | "drop" | "views">;
  close(): Promise<void>;
}
