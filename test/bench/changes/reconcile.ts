/**
 * `reconcile.ts URL SHEET_ID`: reads a sheet into a SQLite inbox, compares it twice, once unchanged and once with every row changed,
 * and writes one line of JSON: a `Reconciled`.
 */
import { join } from "node:path";
import process from "node:process";
import { DatabaseSync } from "node:sqlite";
import { createReceiver } from "../../../mod.ts";
import { sqliteInbox } from "../../../src/inbox/sqlite.ts";
import { countedApi, watchMemory } from "./measured.ts";
import { createLog, SECRET } from "../../support/callbacks.ts";

export interface Reconciled {
  /** Of an unchanged sheet. */
  readonly unchanged: number;
  /** Of one in which every row has changed. */
  readonly requests: number;
  readonly ms: number;
  /** The most that the process has had meanwhile, over what it had before. */
  readonly overIdleMiB: number;
  /** The longest time for which the event loop stood still. */
  readonly heldMs: number;
}

const [apiUrl, sheet] = process.argv.slice(2) as [string, string];
const sheetId = Number(sheet);
const { api, requests } = countedApi(apiUrl);
const file = join(process.env.SHEETHOOK_BENCH_FOLDER!, `${process.pid}-reconcile.db`);
const inbox = sqliteInbox(file);
const receiver = createReceiver({ secrets: SECRET, inbox, api, logger: createLog(), canaryEveryMs: "off" });
let changes = 0;
receiver.onChange(() => void changes++);
await receiver.start();

async function reconcile(): Promise<number> {
  const before = requests();
  await receiver.reconcile({ sheetId });
  while ((await inbox.overview()).pending) await new Promise((resolve) => setTimeout(resolve, 20));
  return requests() - before;
}

await reconcile();
const unchanged = await reconcile();
if (changes) throw new Error("An unchanged sheet has changes");

const database = new DatabaseSync(file);
database.exec(`
  pragma busy_timeout = 5000;
  update mirror_rows set json = replace(replace(json, '"modifiedAt":"20', '"modifiedAt":"19'), 'galvanised', 'bare');
  update mirror_sheets set reconciled = json_set(reconciled, '$.version', 0, '$.since', '1999-01-01T00:00:00.000Z')`);
database.close();
await new Promise((resolve) => setTimeout(resolve, 500));

const overIdleMiB = watchMemory();
let heldMs = 0;
let last = performance.now();
const watch = setInterval(() => {
  heldMs = Math.max(heldMs, performance.now() - last - 1);
  last = performance.now();
}, 1);
const startedAt = performance.now();
const all = await reconcile();
const ms = performance.now() - startedAt;
clearInterval(watch);
const { rowCount } = (await inbox.mirror.sheet(sheetId))!;
if (changes !== rowCount) throw new Error(`${changes} changes, but ${rowCount} rows have changed`);
const found: Reconciled = { unchanged, requests: all, ms, overIdleMiB: overIdleMiB(), heldMs };
console.log(JSON.stringify(found));
process.exit(0);
