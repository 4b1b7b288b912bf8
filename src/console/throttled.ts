/** Looks something up, but not again before it has rested. */
export interface Rested<Found> {
  (): Promise<Found>;
  /** What was found counts no more. */
  forget(): void;
}

const REST_MS = 250;
const SHARE = 20;

/**
 * `look`, at most so often that it takes a twentieth of the time: however many people watch, and however much there is to
 * look at, callbacks come first. In between everyone gets what was found last.
 */
export function withRest<Found>(look: () => Promise<Found>, restMs: number = REST_MS): Rested<Found> {
  let found: Promise<Found> | undefined;
  let until = 0;

  async function lookNow(): Promise<Found> {
    const before = performance.now();
    try {
      return await look();
    } finally {
      const after = performance.now();
      until = after + Math.max(restMs, SHARE * (after - before));
    }
  }

  const rested = () => {
    if (!found || performance.now() >= until) {
      until = Infinity;
      found = lookNow();
      // One that failed is tried again when it has rested.
      found.catch(() => {});
    }
    return found;
  };
  return Object.assign(rested, {
    forget() {
      found = undefined;
    },
  });
}
