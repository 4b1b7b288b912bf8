import { SheethookError } from "./errors.ts";
import type { Lease } from "./inbox/inbox.ts";

/** A lane that is worked here, as long as its lease holds. */
export interface Lane {
  readonly lease: Lease;
  /** Aborts with `lease_lost` when the lease is lost. */
  readonly signal: AbortSignal;
  /** The lease was taken or renewed at `at`. */
  extend(at: Moment): void;
  /**
   * Compares the clocks with the lease; asked before anything begins, because a process that stood still (SIGSTOP, a paused
   * machine, a blocked loop) wakes up in front of its next step, and only then fires its timers.
   *
   * @throws {SheethookError} `lease_lost`; rejects with it if the inbox has to be asked
   */
  confirm(): void | Promise<void>;
  /** Aborts `signal`. Does nothing the second time. */
  lose(message: string): void;
  /** Leaves no timer behind. */
  close(): void;
}

/** What both clocks said at one time, in milliseconds. */
export interface Moment {
  /** Of `performance.now()`, which nobody sets, but which stops while the machine is suspended. */
  readonly monotonic: number;
  /** Since 1970. */
  readonly wall: number;
}

export function createLane(lease: Lease, options: {
  readonly leaseMs: number;
  readonly now: () => Moment;
  /** Asks the inbox to renew this lease alone. @returns false if it is lost */
  readonly renew: (lane: Lane) => Promise<boolean>;
  readonly onLost: (lane: Lane) => void;
}): Lane {
  const { leaseMs, now, renew, onLost } = options;
  const lost = new AbortController();
  const { signal } = lost;
  let taken = now();
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
    extend(at) {
      if (signal.aborted) return;
      taken = at;
      clearTimeout(timer);
      timer = setTimeout(expire, at.monotonic + leaseMs - performance.now());
    },
    confirm() {
      const { monotonic, wall } = now();
      if (monotonic >= taken.monotonic + leaseMs) expire();
      signal.throwIfAborted();
      // The machine was suspended, or its clock was set: the inbox knows which lease holds.
      return wall >= taken.wall + leaseMs ? ask() : undefined;
    },
    lose,
    close: () => clearTimeout(timer),
  };
  return lane;
}
