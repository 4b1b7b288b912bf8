import { SheethookError } from "../errors.ts";
import type { Lease } from "../inbox/inbox.ts";

/** A lane that this process may process while its lease holds. */
export interface Lane {
  readonly lease: Lease;
  /** Aborts with `lease_lost` when the lease is lost. */
  readonly signal: AbortSignal;
  /** The lease begins again at `at`. */
  extend(at: Moment): void;
  /**
   * Compares the clocks with the lease. Called before anything begins: a process that stood still (SIGSTOP, a paused machine,
   * a blocked loop) goes on with its next step before its timers fire.
   *
   * @param monotonic `performance.now()`, if the caller has just read it
   * @throws {SheethookError} `lease_lost`; rejects with it if the inbox has to be asked
   */
  confirm(monotonic?: number): void | Promise<void>;
  /** Aborts `signal`. Does nothing the second time. */
  lose(message: string): void;
  /** Leaves no timer behind. */
  close(): void;
}

/** Both clocks at one time, in milliseconds. */
export interface Moment {
  /** `performance.now()`: nobody sets it, but it stops while the machine is suspended. */
  readonly monotonic: number;
  /** Since 1970. */
  readonly wall: number;
}

export function createLane(lease: Lease, options: {
  readonly leaseMs: number;
  /** When it was leased. */
  readonly at: Moment;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Renews this lease alone. @returns false if it is lost */
  readonly renew: (lane: Lane) => Promise<boolean>;
  readonly onLost: (lane: Lane) => void;
}): Lane {
  const { leaseMs, at, now, renew, onLost } = options;
  const lost = new AbortController();
  const { signal } = lost;
  let endMonotonic = 0;
  let endWall = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function lose(message: string): void {
    clearTimeout(timer);
    if (!signal.aborted) lost.abort(new SheethookError("lease_lost", message));
  }

  function expire(): void {
    if (signal.aborted) return;
    lose(`The lease of lane ${lease.lane} has run out`);
    onLost(lane);
  }

  async function ask(): Promise<void> {
    if (!await renew(lane)) expire();
    signal.throwIfAborted();
  }

  const lane: Lane = {
    lease,
    signal,
    extend({ monotonic, wall }) {
      if (signal.aborted) return;
      endMonotonic = monotonic + leaseMs;
      endWall = wall + leaseMs;
      clearTimeout(timer);
      timer = setTimeout(expire, endMonotonic - performance.now());
    },
    confirm(monotonic = performance.now()) {
      if (monotonic >= endMonotonic) expire();
      signal.throwIfAborted();
      // The machine was suspended, or its clock was set: the inbox knows which lease holds.
      return now() >= endWall ? ask() : undefined;
    },
    lose,
    close: () => clearTimeout(timer),
  };
  lane.extend(at);
  return lane;
}
