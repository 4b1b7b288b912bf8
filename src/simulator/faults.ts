import { optionError, requireNumber } from "../errors.ts";

/** Faults that can be injected, each at a rate from 0 (never) to 1 (always). */
export const FAULTS = {
  "duplicate": "a callback that was answered with 200 is sent again, the same bytes",
  "duplicate-new-nonce": "the same, with a new nonce",
  "drop-answer": "the receiver's answer never arrives: it counts as a timeout",
  "late-answer": "the receiver's answer is held back until the time limit has passed",
  "burst": "a callback is split into one per event, all sent at once",
  "lost-callback": "a callback is never sent, and its webhook stays enabled",
  "late-row": "a new row can't be read for some time (assumption lateRowMs)",
  "sliding-rows": "after a page of a sheet, a person adds, moves or deletes a row, so that rows slide to other pages",
  "missing-row": "an answer to rowIds leaves out one of the rows, which is there",
  "rate-limit": "a request to the API is answered with 429 and 4003",
  "bad-token": "a request to the API is answered with 401 and 1002",
  "no-access": "a request to the API is answered with 403 and 1004",
  "server-error": "a request to the API is answered with 500 and 4000",
  "maintenance": "a request to the API is answered with 503 and 4001",
  "server-timeout": "a request to the API is answered with 500 and 4002",
  "html-page": "a request to the API is answered with 200 and a page of HTML, and not carried out",
  "bad-gateway": "the same with 502, as by a proxy",
  "half-json": "a request to the API is carried out, and its answer breaks off in the middle",
  "no-answer": "a request to the API is carried out, and never answered",
  "save-collision": "a change of rows is answered with 500 and 4004, as if another one were in progress",
} as const;

/** A fault by its name. */
export type FaultName = keyof typeof FAULTS;

/** Decides whether a fault occurs this time. */
export type Strikes = (fault: FaultName) => boolean;

/** The faults of a simulator. */
export interface Faults {
  readonly strikes: Strikes;
  /** Makes a fault occur `times` times, after it could have occurred `after` times. @throws {SheethookError} `option_invalid` */
  failNext(fault: FaultName, times: number, after: number): void;
  /** One of several ways in which a fault can occur. */
  pick<Way>(ways: readonly Way[]): Way;
}

/** @throws {SheethookError} `option_invalid` for an unknown fault, or a rate out of bounds */
export function createFaults(rates: Readonly<Partial<Record<FaultName, number>>>, next: () => number): Faults {
  for (const [name, rate] of Object.entries(rates)) {
    requireFault("faults", name);
    if (rate !== undefined) requireNumber(`faults: ${name}`, rate, 0, 1);
  }
  const ahead = new Map<FaultName, { readonly times: number; readonly after: number }>();
  return {
    strikes(fault) {
      const { times, after } = ahead.get(fault) ?? { times: 0, after: 0 };
      const isAsked = times > 0 && after === 0;
      if (isAsked) ahead.set(fault, { times: times - 1, after });
      else if (after > 0) ahead.set(fault, { times, after: after - 1 });
      const rate = rates[fault] ?? 0;
      return isAsked || (rate > 0 && next() < rate);
    },
    failNext(fault, times, after) {
      requireFault("fault", fault);
      ahead.set(fault, {
        times: requireNumber("times", times, 0, 1_000_000),
        after: requireNumber("after", after, 0, 1_000_000),
      });
    },
    pick: (ways) => ways[Math.floor(next() * ways.length)]!,
  };
}

function requireFault(option: string, name: string): void {
  if (!Object.hasOwn(FAULTS, name)) throw optionError(option, name, `one of ${Object.keys(FAULTS).join(", ")}`);
}
