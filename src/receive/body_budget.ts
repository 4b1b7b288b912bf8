import { SheethookError } from "../errors.ts";

/** Counts the bytes of all bodies under way, and the bodies that are still being read. */
export interface BodyBudget {
  /** Begins to count a body that is going to be read. */
  begin(): BodyAccount;
}

/** One body, from the moment in which its reading begins until its request is answered. */
export interface BodyAccount {
  /**
   * Counts bytes that have come in.
   *
   * @throws {SheethookError} `bodies_full` if there is no room for them
   */
  add(bytes: number): void;
  /** Takes what ends the reading of this body when others need its place. It is called with `bodies_full`, once at most. */
  readonly onCut: (cut: (reason: SheethookError) => void) => void;
  /** The body is there: from now on it isn't cut. */
  complete(): void;
  /** Nothing of the body is kept any more. */
  end(): void;
}

interface Reading {
  readonly startedAt: number;
  bytes: number;
  /** It has been cut or has ended: what still comes in isn't kept. */
  isOver: boolean;
  cut: ((reason: SheethookError) => void) | undefined;
}

/** How long a body has to show how fast it comes in. */
const GRACE_MS = 500;

/**
 * Limits what bodies hold: `maxBytes` of all that are under way, `maxReading` bodies that are being read. When either is
 * short, the slowest unfinished body is cut: it has been read for at least 0.5 s and has come in with the fewest bytes a second.
 * So clients that trickle can't keep others out, however many they are.
 */
export function createBodyBudget(
  maxBytes: number,
  maxReading = 1024,
  now: () => number = () => performance.now(),
): BodyBudget {
  /** In the order in which they began. */
  const reading = new Set<Reading>();
  let held = 0;

  function full(): SheethookError {
    return new SheethookError(
      "bodies_full",
      `Bodies under way hold ${maxBytes} bytes: see the option maxBufferedBytes`,
    );
  }

  function end(over: Reading): void {
    reading.delete(over);
    held -= over.bytes;
    over.bytes = 0;
    over.isOver = true;
  }

  function cut(slow: Reading): void {
    end(slow);
    slow.cut?.(new SheethookError("bodies_full", "Body came in more slowly than others, which needed its place"));
  }

  function slowest(): Reading | undefined {
    const time = now();
    let found: Reading | undefined;
    let lowest = Infinity;
    for (const each of reading) {
      const ageMs = time - each.startedAt;
      // Those behind it are younger.
      if (ageMs < GRACE_MS) break;
      if (each.bytes / ageMs < lowest) {
        lowest = each.bytes / ageMs;
        found = each;
      }
    }
    return found;
  }

  return {
    begin() {
      if (reading.size >= maxReading) {
        const [oldest] = reading;
        cut(slowest() ?? oldest!);
      }
      const own: Reading = { startedAt: now(), bytes: 0, isOver: false, cut: undefined };
      reading.add(own);
      return {
        add(bytes) {
          if (own.isOver) return;
          while (held + bytes > maxBytes) {
            const slow = slowest();
            if (!slow || slow === own) throw full();
            cut(slow);
          }
          held += bytes;
          own.bytes += bytes;
        },
        onCut: (cut) => own.cut = cut,
        complete: () => void reading.delete(own),
        end: () => end(own),
      };
    },
  };
}
