import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Inbox } from "../../src/inbox/inbox.ts";
import type { InspectableInbox } from "../../src/inbox/inspect.ts";
import { memoryInbox } from "../../src/inbox/memory.ts";
import { createSqliteInbox } from "../../src/inbox/sqlite/inbox.ts";
import type { VirtualTime } from "./virtual_time.ts";

/** What an inbox is kept in: it outlives the processes. */
export interface Engine {
  readonly name: string;
  open(time: VirtualTime, random: () => number): OpenedEngine;
}

export interface OpenedEngine {
  /** The inbox, as a process opens it. */
  connect(): Inbox;
  /** As someone sees it who isn't part of the simulation. */
  readonly inspect: Inbox & InspectableInbox;
  close(): Promise<void>;
}

/** One that all processes share, as if it were a database. Like the real one it follows a clock that nobody sets. */
const memoryEngine: Engine = {
  name: "memory",
  open(time, random) {
    const inbox = memoryInbox({ now: () => Math.floor(time.now()) + 1e12, random });
    return { connect: () => inbox, inspect: inbox, close: async () => {} };
  },
};

/** A file, which every process opens. It is synced as ever; in memory, where there is such a disk, that takes no time. */
const sqliteEngine: Engine = {
  name: "sqlite",
  open(time, random) {
    const folder = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "sheethook-dst-"));
    const opened: (Inbox & InspectableInbox)[] = [];
    const connect = () => {
      const options = { now: time.wall, elapsed: time.now, random, checkPages: false };
      const inbox = createSqliteInbox(join(folder, "inbox.db"), options);
      opened.push(inbox);
      return inbox;
    };
    return {
      connect,
      inspect: connect(),
      async close() {
        for (const inbox of opened) await inbox.close();
        rmSync(folder, { recursive: true });
      },
    };
  },
};

export const ENGINES: readonly Engine[] = [memoryEngine, sqliteEngine];
