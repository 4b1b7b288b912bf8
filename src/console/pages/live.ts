import { messageOf } from "../../errors.ts";
import type { InspectableInbox, StoredCallback } from "../../inbox/inspect.ts";

/** Tells open pages by server-sent events that their content has changed. */
export interface Live {
  /** Opens an event stream; with a callback's id, only for changes of that callback. */
  open(callback: number | undefined): Response;
  /** Ends all streams, which would keep a server from closing. */
  close(): void;
}

interface Client {
  readonly callback: number | undefined;
  readonly controller: ReadableStreamDefaultController<Uint8Array>;
  /** The last state announced; undefined at first. */
  seen: string | undefined;
  /** How many more times the last change is announced. */
  again: number;
  announcedAt: number;
}

const POLL_MS = 1000;
/** Shorter than idle timeouts of servers and proxies, and short enough to keep "2 minutes ago" true. */
const ANNOUNCE_MS = 15_000;
/** The page may have been served from the cache (`throttled`) just before the change, so it is announced again. */
const REPEATS = 2;
const MAX_CLIENTS = 100;
const CHANGED = new TextEncoder().encode("event: changed\ndata: 1\n\n");

/** Polls the inbox once a second for all open pages together, and not at all without one. */
export function createLive(read: () => Promise<unknown>, inbox: Pick<InspectableInbox, "show">): Live {
  const clients = new Set<Client>();
  let timer: ReturnType<typeof setTimeout> | undefined;

  /** Polls after `ms`, and then every second while a page is open. */
  function pollIn(ms: number): void {
    const mine = setTimeout(async () => {
      await tick().catch(() => {});
      // close() was called meanwhile, and maybe a new page was opened.
      if (timer !== mine) return;
      timer = undefined;
      if (clients.size) pollIn(POLL_MS);
    }, ms);
    timer = mine;
  }

  async function tick(): Promise<void> {
    const overview = await overviewNow();
    const callbacks = new Map<number, string>();
    for (const client of clients) {
      const { callback } = client;
      if (callback !== undefined && !callbacks.has(callback)) callbacks.set(callback, await stateOf(callback));
      const seen = callback === undefined ? overview : callbacks.get(callback)!;
      if (seen !== client.seen) client.again = REPEATS;
      else if (client.again > 0) client.again--;
      else if (performance.now() - client.announcedAt <= ANNOUNCE_MS) continue;
      announce(client, seen);
    }
  }

  // A failing inbox, even one that throws synchronously, counts as a change: pages reload, and show the error.
  async function overviewNow(): Promise<string> {
    try {
      return JSON.stringify(await read());
    } catch (error) {
      return messageOf(error);
    }
  }

  async function stateOf(id: number): Promise<string> {
    const found = await show(id);
    if (!found) return "";
    const { state, isRunning, attempts, position, steps, failures, endedAt, deadCalls } = found;
    const calls = deadCalls.map(({ number, state }) => `${number}${state.charAt(0)}`).join();
    return JSON.stringify([state, isRunning, attempts, position, steps.length, failures.length, endedAt, calls]);
  }

  async function show(id: number): Promise<StoredCallback | undefined> {
    try {
      return await inbox.show(id);
    } catch {
      return undefined;
    }
  }

  function announce(client: Client, seen: string): void {
    client.seen = seen;
    client.announcedAt = performance.now();
    try {
      // A client that no longer reads is dropped.
      if ((client.controller.desiredSize ?? 0) < -16) throw new Error("The client no longer reads");
      client.controller.enqueue(CHANGED);
    } catch {
      end(client);
    }
  }

  function end(client: Client): void {
    clients.delete(client);
    try {
      client.controller.close();
    } catch { /* Already closed. */ }
  }

  return {
    open(callback) {
      if (clients.size >= MAX_CLIENTS) return new Response("Too many open pages\n", { status: 503 });
      let client: Client;
      const stream = new ReadableStream<Uint8Array>({
        start(controller) {
          client = { callback, controller, seen: undefined, again: 0, announcedAt: 0 };
          clients.add(client);
          if (timer === undefined) pollIn(0);
        },
        cancel: () => void clients.delete(client),
      });
      // Otherwise nginx would collect events until its buffer is full.
      return new Response(stream, { headers: { "content-type": "text/event-stream", "x-accel-buffering": "no" } });
    },
    close() {
      clearTimeout(timer);
      timer = undefined;
      for (const client of clients) end(client);
    },
  };
}
