import { SheethookError } from "../errors.ts";

/**
 * The result of `promise`, or a rejection with `timeout` when its time is over. `onWait` is given what ends the wait
 * sooner, by rejecting with another error.
 */
export type Within = <Result>(
  promise: Promise<Result>,
  onWait?: (end: (error: Error) => void) => void,
) => Promise<Result>;

/** Gives everything `ms`: by one timer for all, where the host lets a timer outlive the request that made it. */
export function createRequestWithin(ms: number): Within {
  return timersOutliveRequests() ? createSharedWithin(ms) : createWithin(ms);
}

/** True on Node, Deno and Bun. In workerd, and who knows where else, timers end with the request that made them. */
function timersOutliveRequests(): boolean {
  const host = globalThis as { "process"?: { versions?: Record<string, string> }; navigator?: { userAgent?: string } };
  return host["process"]?.versions?.node !== undefined && host.navigator?.userAgent !== "Cloudflare-Workers";
}

/** Gives everything `ms`, by a timer of its own. */
export function createWithin(ms: number): Within {
  return async (promise, onWait) => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(timeout(ms)), ms);
      onWait?.(reject);
    });
    try {
      return await Promise.race([promise, late]);
    } finally {
      clearTimeout(timer);
    }
  };
}

const MAX_TICK_MS = 1000;

/**
 * Gives everything `ms`, by one timer for all: a timer for each takes a sixth of what a whole answer takes on Bun and
 * Deno. Not for hosts in which a timer ends with the request that made it, such as workerd.
 */
export function createSharedWithin(ms: number): Within {
  interface Waiting {
    readonly endsAt: number;
    readonly reject: (error: Error) => void;
  }
  // All have the same time, so those that came first end first.
  const waiting = new Set<Waiting>();
  let isTicking = false;

  // Ticks on when nothing waits for a moment, and so holds the process for a second at most: to clear a timer and make
  // a new one whenever all have ended would cost what one for each costs.
  function tick(): void {
    const now = performance.now();
    let next = MAX_TICK_MS;
    for (const each of waiting) {
      if (each.endsAt > now) {
        next = Math.min(next, each.endsAt - now);
        break;
      }
      waiting.delete(each);
      each.reject(timeout(ms));
    }
    isTicking = waiting.size > 0;
    if (isTicking) setTimeout(tick, next);
  }

  return (promise, onWait) =>
    new Promise((resolve, reject) => {
      onWait?.(reject);
      const own = { endsAt: performance.now() + ms, reject };
      waiting.add(own);
      if (!isTicking) {
        isTicking = true;
        setTimeout(tick, Math.min(ms, MAX_TICK_MS));
      }
      promise.then((result) => {
        waiting.delete(own);
        resolve(result);
      }, (error) => {
        waiting.delete(own);
        reject(error);
      });
    });
}

function timeout(ms: number): SheethookError {
  return new SheethookError("timeout", `took over ${ms} ms`);
}
