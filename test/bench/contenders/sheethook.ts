import { join } from "node:path";
import process from "node:process";
import { memoryInbox } from "../../../src/inbox/memory.ts";
import type { PutOnlyInbox } from "../../../src/inbox/inbox.ts";
import { sqliteInbox } from "../../../src/inbox/sqlite.ts";
import { createReceiver } from "../../../mod.ts";
import { openDoor } from "../../../src/cli/door.ts";
import { PATH, SECRET } from "../fixture.ts";
import { sink } from "./sink.ts";

/** Handlers run before the answer. @returns the port */
export function serveSheethook(): Promise<number> {
  return serveReceiver(undefined);
}

/** Handlers run from a memory inbox, worked in the same process. @returns the port */
export function serveMemoryInbox(): Promise<number> {
  return serveReceiver(memoryInbox());
}

/** Handlers run from a SQLite inbox, worked in the same process; on disk before the answer. @returns the port */
export function serveSqliteInbox(): Promise<number> {
  return serveReceiver(sqliteInbox(newFile()));
}

/** The same, but nobody works it: what the answer alone costs. @returns the port */
export function serveSqliteAnswer(): Promise<number> {
  const { put } = sqliteInbox(newFile());
  return serveReceiver({ put });
}

function newFile(): string {
  return join(process.env.SHEETHOOK_BENCH_FOLDER!, `${process.pid}.db`);
}

async function serveReceiver(inbox: PutOnlyInbox | undefined): Promise<number> {
  const receiver = createReceiver({ secrets: SECRET, inbox });
  receiver.on("*.*", sink.onEvent);
  await receiver.start();
  const { port } = await openDoor({ fetch: receiver.fetch, port: 0, hostname: "127.0.0.1", path: PATH });
  return port;
}
