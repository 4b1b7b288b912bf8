import { optionError, requireNumber } from "../errors.ts";

/** What can go wrong on demand, each with a rate from 0 (never) to 1 (always). */
export const FAULTS = {
  "duplicate": "a callback that was answered with 200 is sent once more, the same bytes",
  "duplicate-new-nonce": "the same, with a nonce of its own",
  "drop-answer": "the receiver's answer never arrives: it counts as a timeout",
  "late-answer": "the receiver's answer is held back until its time is over",
  "burst": "a callback is split into one for each event, sent all at once",
  "late-row": "a row that was just created can't be read for some time (assumption lateRowMs)",
  "rate-limit": "a request to the API is answered with 429 and 4003",
  "bad-token": "a request to the API is answered with 401 and 1002",
  "no-access": "a request to the API is answered with 403 and 1004",
  "server-error": "a request to the API is answered with 500 and 4000",
  "maintenance": "a request to the API is answered with 503 and 4001",
  "server-timeout": "a request to the API is answered with 500 and 4002",
  "save-collision": "a change of rows is answered with 500 and 4004, as if another one were under way",
} as const;

/** A fault by its name. */
export type FaultName = keyof typeof FAULTS;

/** Says whether a fault strikes this time. */
export type Strikes = (fault: FaultName) => boolean;

/** @throws {SheethookError} `option_invalid` for a fault that isn't known, or a rate out of bounds */
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
