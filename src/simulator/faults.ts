import { optionError, requireNumber } from "../errors.ts";

/** Faults that can be injected, each at a rate from 0 (never) to 1 (always). */
export const FAULTS = {
  "duplicate": "a callback that was answered with 200 is sent again, the same bytes",
  "duplicate-new-nonce": "the same, with a new nonce",
  "drop-answer": "the receiver's answer never arrives: it counts as a timeout",
  "late-answer": "the receiver's answer is held back until the time limit has passed",
  "burst": "a callback is split into one per event, all sent at once",
  "late-row": "a new row can't be read for some time (assumption lateRowMs)",
  "rate-limit": "a request to the API is answered with 429 and 4003",
  "bad-token": "a request to the API is answered with 401 and 1002",
  "no-access": "a request to the API is answered with 403 and 1004",
  "server-error": "a request to the API is answered with 500 and 4000",
  "maintenance": "a request to the API is answered with 503 and 4001",
  "server-timeout": "a request to the API is answered with 500 and 4002",
  "save-collision": "a change of rows is answered with 500 and 4004, as if another one were in progress",
} as const;

/** A fault by its name. */
export type FaultName = keyof typeof FAULTS;

/** Decides whether a fault occurs this time. */
export type Strikes = (fault: FaultName) => boolean;

/** @throws {SheethookError} `option_invalid` for an unknown fault, or a rate out of bounds */
export function createStrikes(faults: Readonly<Partial<Record<FaultName, number>>>, next: () => number): Strikes {
  for (const [name, rate] of Object.entries(faults)) {
    if (!Object.hasOwn(FAULTS, name)) throw optionError("faults", name, `one of ${Object.keys(FAULTS).join(", ")}`);
    if (rate !== undefined) requireNumber(`faults: ${name}`, rate, 0, 1);
  }
  return (fault) => {
    const rate = faults[fault] ?? 0;
    return rate > 0 && next() < rate;
  };
}
