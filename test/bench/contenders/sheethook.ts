import { memoryInbox } from "../../../src/inbox/memory.ts";
import type { Inbox } from "../../../src/inbox/inbox.ts";
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

async function serveReceiver(inbox: Inbox | undefined): Promise<number> {
  const receiver = createReceiver({ secrets: SECRET, inbox });
  receiver.on("*.*", sink.onEvent);
  await receiver.start();
  const { port } = await openDoor({ fetch: receiver.fetch, port: 0, hostname: "127.0.0.1", path: PATH });
  return port;
}
