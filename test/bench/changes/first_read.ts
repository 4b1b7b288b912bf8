/**
 * `first_read.ts URL SHEET_ID`: reads a sheet for the first time, into a SQLite inbox, and writes one line of JSON: a
 * `FirstRead`.
 */
import { join } from "node:path";
import process from "node:process";
import { createReceiver } from "../../../mod.ts";
import { sqliteInbox } from "../../../src/inbox/sqlite.ts";
import { countedApi, watchMemory } from "./measured.ts";
import { acceptedCallback, callbackBody, createLog, rowEvent, SECRET } from "../../support/callbacks.ts";

export interface FirstRead {
  readonly requests: number;
  readonly ms: number;
  /** The most that the process has had meanwhile, over what it had before. */
  readonly overIdleMiB: number;
}

const [apiUrl, sheet] = process.argv.slice(2) as [string, string];
const scopeObjectId = Number(sheet);
const { api, requests } = countedApi(apiUrl);
const inbox = sqliteInbox(join(process.env.SHEETHOOK_BENCH_FOLDER!, `${process.pid}-first.db`));
const receiver = createReceiver({ secrets: SECRET, inbox, api, logger: createLog() });
const ended = Promise.withResolvers<void>();
receiver.onChange(() => {});
receiver.onCallback(() => ended.resolve());
await receiver.start();
await new Promise((resolve) => setTimeout(resolve, 500));

const overIdleMiB = watchMemory();
const startedAt = performance.now();
await inbox.put(acceptedCallback({ scopeObjectId }, callbackBody({ scopeObjectId, events: [rowEvent(1)] })));
await ended.promise;
const ms = performance.now() - startedAt;
const read: FirstRead = { requests: requests(), ms, overIdleMiB: overIdleMiB() };
if (!(await inbox.mirror.sheet(scopeObjectId))?.isWhole) throw new Error("The sheet isn't in the mirror");
console.log(JSON.stringify(read));
process.exit(0);
