import { join } from "node:path";
import process from "node:process";
import { memoryInbox } from "../../../src/inbox/memory.ts";
import type { PutOnlyInbox } from "../../../src/inbox/inbox.ts";
import { sqliteInbox } from "../../../src/inbox/sqlite.ts";
import { createReceiver, type Receiver } from "../../../mod.ts";
import { startServer } from "../../../src/cli/server_adapter.ts";
import { LARGE_FILE, PATH, SECRET } from "../fixture.ts";
import { sink } from "./sink.ts";

/** Handlers run before the answer. @returns the port */
export function serveSheethook(): Promise<number> {
  return serveReceiver(undefined);
}

/** The same, and logs nothing: for what is refused. @returns the port */
export function serveQuiet(): Promise<number> {
  const logger = { debug() {}, info() {}, warn() {}, error() {} };
  const receiver = createReceiver({ secrets: SECRET, logger }).on("*.*", sink.onEvent);
  return openReceiver(receiver, receiver.fetch);
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

/** The same with the file that the bench has filled. @returns the port */
export function serveLargeInbox(): Promise<number> {
  const { put } = sqliteInbox(join(process.env.SHEETHOOK_BENCH_FOLDER!, LARGE_FILE));
  return serveReceiver({ put });
}

/** Like `serveSqliteInbox`, and looks at the clock at each answer and at each handler's start. @returns the port */
export function serveTimedInbox(): Promise<number> {
  const answered: number[] = [];
  const receiver = createReceiver({ secrets: SECRET, inbox: sqliteInbox(newFile()) });
  // One by one, as they are asked: at low load the next is answered long after the last was worked.
  receiver.onCallback(() => void sink.waitsMs.push(performance.now() - answered.shift()!));
  return openReceiver(receiver, async (request) => {
    const response = await receiver.fetch(request);
    answered.push(performance.now());
    return response;
  });
}

function newFile(): string {
  return join(process.env.SHEETHOOK_BENCH_FOLDER!, `${process.pid}.db`);
}

function serveReceiver(inbox: PutOnlyInbox | undefined): Promise<number> {
  const receiver = createReceiver({ secrets: SECRET, inbox });
  receiver.on("*.*", sink.onEvent);
  return openReceiver(receiver, receiver.fetch);
}

async function openReceiver(receiver: Receiver, fetch: Receiver["fetch"]): Promise<number> {
  await receiver.start();
  const { port } = await startServer({ fetch, port: 0, hostname: "127.0.0.1", path: PATH });
  return port;
}
