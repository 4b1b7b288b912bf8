/**
 * `derive.ts OPTIONS`: works callbacks that wait, with an API that answers at once, and writes one line of JSON: a `Derived`.
 */
import { join } from "node:path";
import process from "node:process";
import { createReceiver } from "../../../mod.ts";
import { createApi } from "../../../src/api/api.ts";
import { sqliteInbox } from "../../../src/inbox/sqlite.ts";
import { acceptedCallback, callbackBody, cellEvent, createLog, rowEvent, SECRET } from "../../support/callbacks.ts";
import { createPlainSheets } from "./plain_sheets.ts";

export interface DeriveOptions {
  readonly sheets: number;
  /** Of each sheet. */
  readonly callbacks: number;
  readonly rounds: number;
}

export interface Derived {
  /** For all callbacks: of sheets that were never seen, and of known ones. */
  readonly requests: readonly [first: number, later: number];
  /** Rows a second, of known sheets, by round. */
  readonly rates: readonly number[];
}

/** Rows that each callback names. */
const ROWS = 3;
const { sheets, callbacks, rounds } = JSON.parse(process.argv[2]!) as DeriveOptions;
const plain = createPlainSheets(sheets, callbacks * ROWS);
let requests = 0;
const api = createApi({
  token: "token-of-bench",
  requestsPerMinute: 1_000_000,
  logger: createLog(),
  fetch(request) {
    requests++;
    return Promise.resolve(plain.answer(new URL(request.url)));
  },
});
const inbox = sqliteInbox(join(process.env.SHEETHOOK_BENCH_FOLDER!, `${process.pid}-changes.db`));
const receiver = createReceiver({ secrets: SECRET, inbox, api, logger: createLog() });
let changes = 0;
let left = 0;
let end = () => {};
receiver.onChange(() => void changes++);
receiver.onCallback(() => {
  if (--left === 0) end();
});

/** Changes each row once. @returns the milliseconds until the last callback has ended */
async function round(number: number): Promise<number> {
  left = sheets * callbacks;
  plain.edit();
  await Promise.all(plain.sheetIds.flatMap((scopeObjectId) =>
    Array.from({ length: callbacks }, (_, callback) => {
      const events = plain.rowIds.slice(callback * ROWS, (callback + 1) * ROWS)
        .flatMap((id) => [rowEvent(id), cellEvent(id, plain.changedColumnId)]);
      const nonce = `${number} ${scopeObjectId} ${callback}`;
      const body = callbackBody({ nonce, scopeObjectId, events });
      return inbox.put(acceptedCallback({ nonce, timestamp: nonce, scopeObjectId }, body));
    })
  ));
  const ended = new Promise<void>((resolve) => end = resolve);
  const startedAt = performance.now();
  await receiver.start();
  await ended;
  const ms = performance.now() - startedAt;
  await receiver.stop();
  return ms;
}

await round(0);
const first = requests;
const rates: number[] = [];
for (let number = 1; number <= rounds; number++) {
  const ms = await round(number);
  rates.push(sheets * plain.rowIds.length / (ms / 1000));
}
const expected = sheets * plain.rowIds.length * (rounds + 1);
if (changes !== expected) throw new Error(`There are ${changes} changes, but should be ${expected}`);
const derived: Derived = { requests: [first, (requests - first) / rounds], rates };
console.log(JSON.stringify(derived));
process.exit(0);
