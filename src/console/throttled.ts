/** A throttled and cached read. */
export interface Throttled<Value> {
  (): Promise<Value>;
  /** Makes the next call read anew. */
  forget(): void;
}

const REST_MS = 250;
const SHARE = 20;

/**
 * Caches `read`, and calls it again after `restMs` at the earliest, and after 20 times as long as it took: reads take 5 %
 * of the time at most, however many pages are open and however large the inbox is. Callers in between share a result.
 */
export function throttled<Value>(read: () => Promise<Value>, restMs: number = REST_MS): Throttled<Value> {
  let cached: Promise<Value> | undefined;
  let until = 0;

  async function readNow(): Promise<Value> {
    const before = performance.now();
    try {
      return await read();
    } finally {
      const after = performance.now();
      until = after + Math.max(restMs, SHARE * (after - before));
    }
  }

  const get = () => {
    if (!cached || performance.now() >= until) {
      until = Infinity;
      cached = readNow();
      // A failure is cached, too.
      cached.catch(() => {});
    }
    return cached;
  };
  return Object.assign(get, { forget: () => void (cached = undefined) });
}
