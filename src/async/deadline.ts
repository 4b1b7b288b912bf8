import { SheethookError } from "../errors.ts";

/**
 * Waits for a promise, but no longer than until a deadline. `onWait` is given a function that ends the wait sooner, with an
 * error of the caller's. @throws {SheethookError} `timeout`
 */
export type Deadline = <Result>(
  promise: Promise<Result>,
  onWait?: (end: (error: Error) => void) => void,
) => Promise<Result>;

/** Waits for a promise, but no longer than `ms`. @throws {SheethookError} `timeout` */
export async function deadline<Result>(
  promise: Promise<Result>,
  ms: number,
  onWait?: Parameters<Deadline>[1],
): Promise<Result> {
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
}

/** A deadline of `ms` for every request, with one timer for all of them on hosts where a timer outlives its request. */
export function createRequestDeadline(ms: number): Deadline {
  return timersOutliveRequests() ? createSharedDeadline(ms) : (promise, onWait) => deadline(promise, ms, onWait);
}

/** True on Node, Deno and Bun. On workerd, and perhaps on other hosts, timers end with the request that set them. */
function timersOutliveRequests(): boolean {
  const host = globalThis as { "process"?: { versions?: Record<string, string> }; navigator?: { userAgent?: string } };
  return host["process"]?.versions?.node !== undefined && host.navigator?.userAgent !== "Cloudflare-Workers";
}

const MAX_TICK_MS = 1000;

/**
 * A deadline of `ms` for every promise, with one timer for all: on Bun and Deno, a timer of its own costs a sixth of a whole
 * answer. Not for hosts where a timer ends with the request that set it, such as workerd.
 */
export function createSharedDeadline(ms: number): Deadline {
  interface Waiting {
    readonly endsAt: number;
    readonly reject: (error: Error) => void;
  }
  // In the order of their deadlines, because all have the same time.
  const waiting = new Set<Waiting>();
  let isTicking = false;

  // The timer runs on after the last wait, and so keeps the process alive for up to a second: to clear it and set a new
  // one for the next wait would cost as much as a timer for each.
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
