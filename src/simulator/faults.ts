import { optionError, requireNumber } from "../errors.ts";

/** Faults that can be injected, each at a rate from 0 (never) to 1 (always). */
export const FAULTS = {
  "duplicate": "a callback that was answered with 200 is sent again, the same bytes",
  "duplicate-new-nonce": "the same, with a new nonce",
  "drop-answer": "the receiver's answer never arrives: it counts as a timeout",
  "late-answer": "the receiver's answer is held back until the time limit has passed",
  "burst": "a callback is split into one per event, all sent at once",
  "late-row": "a new row can't be read for some time (assumption lateRowMs)",
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
  /** Makes a fault occur the next `times` times, whatever its rate. @throws {SheethookError} `option_invalid` */
  failNext(fault: FaultName, times: number): void;
}

/** @throws {SheethookError} `option_invalid` for an unknown fault, or a rate out of bounds */
export function createFaults(rates: Readonly<Partial<Record<FaultName, number>>>, next: () => number): Faults {
  for (const [name, rate] of Object.entries(rates)) {
    requireFault("faults", name);
    if (rate !== undefined) requireNumber(`faults: ${name}`, rate, 0, 1);
  }
  const ahead = new Map<FaultName, number>();
  return {
    strikes(fault) {
      const times = ahead.get(fault) ?? 0;
      if (times > 0) ahead.set(fault, times - 1);
      const rate = rates[fault] ?? 0;
      return times > 0 || (rate > 0 && next() < rate);
    },
    failNext(fault, times) {
      requireFault("fault", fault);
      ahead.set(fault, requireNumber("times", times, 0, 1_000_000));
    },
  };
}

function requireFault(option: string, name: string): void {
  if (!Object.hasOwn(FAULTS, name)) throw optionError(option, name, `one of ${Object.keys(FAULTS).join(", ")}`);
}
