import { messageOf } from "../../errors.ts";
import type { InspectableInbox, StoredCallback } from "../../inbox/inspect.ts";

/** Tells open pages that what they show has changed, by server-sent events. */
export interface Live {
  /** An event stream; with a callback's number only its changes count. */
  open(callback: number | undefined): Response;
  /** Ends all of them: they would hold a door that wants to close. */
  close(): void;
}

interface Client {
  readonly callback: number | undefined;
  readonly controller: ReadableStreamDefaultController<Uint8Array>;
  /** Undefined before the first look. */
  seen: string | undefined;
  /** How often it is to be told again. */
  again: number;
  toldAt: number;
}

const LOOK_MS = 1000;
/** Short enough for every time limit of a server or a proxy; "2 minutes ago" is true so long, too. */
const TELL_MS = 15_000;
/** What a page shows may have been looked up just before the change (`throttled`). */
const TELL_AGAIN = 2;
const MAX_CLIENTS = 100;
const CHANGED = new TextEncoder().encode("event: changed\ndata: 1\n\n");

/** One look a second for all of them, and none while nobody watches. */
export function createLive(look: () => Promise<unknown>, inbox: Pick<InspectableInbox, "show">): Live {
  const clients = new Set<Client>();
  let timer: ReturnType<typeof setTimeout> | undefined;

  /** Looks in `ms`, and then every second while anybody watches. */
  function lookIn(ms: number): void {
    const mine = setTimeout(async () => {
      await tick().catch(() => {});
      // Closed meanwhile, and maybe begun anew.
      if (timer !== mine) return;
      timer = undefined;
      if (clients.size) lookIn(LOOK_MS);
    }, ms);
    timer = mine;
  }

  async function tick(): Promise<void> {
    const overview = await overviewNow();
    const callbacks = new Map<number, string>();
    for (const client of clients) {
      const { callback } = client;
      if (callback !== undefined && !callbacks.has(callback)) callbacks.set(callback, await stateOf(callback));
      // The page of one callback tells of nothing else.
      const seen = callback === undefined ? overview : callbacks.get(callback)!;
      if (seen !== client.seen) client.again = TELL_AGAIN;
      else if (client.again > 0) client.again--;
      else if (performance.now() - client.toldAt <= TELL_MS) continue;
      tell(client, seen);
    }
  }

  // Whatever an inbox does, also one that throws at once: pages are told, and read for themselves that it fails.
  async function overviewNow(): Promise<string> {
    try {
      return JSON.stringify(await look());
    } catch (error) {
      return messageOf(error);
    }
  }

  async function stateOf(id: number): Promise<string> {
    const found = await show(id);
    if (!found) return "";
    const { state, isRunning, attempts, position, steps, failures, endedAt } = found;
    return JSON.stringify([state, isRunning, attempts, position, steps.length, failures.length, endedAt]);
  }

  async function show(id: number): Promise<StoredCallback | undefined> {
    try {
      return await inbox.show(id);
    } catch {
      return undefined;
    }
  }

  function tell(client: Client, seen: string): void {
    client.seen = seen;
    client.toldAt = performance.now();
    try {
      // One that doesn't read any more is let go.
      if ((client.controller.desiredSize ?? 0) < -16) throw new Error("Nobody reads");
      client.controller.enqueue(CHANGED);
    } catch {
      end(client);
    }
  }

  function end(client: Client): void {
    clients.delete(client);
    try {
      client.controller.close();
    } catch { /* It is closed. */ }
  }

  return {
    open(callback) {
      if (clients.size >= MAX_CLIENTS) return new Response("Too many pages are watching\n", { status: 503 });
      let client: Client;
      const stream = new ReadableStream<Uint8Array>({
        start(controller) {
          client = { callback, controller, seen: undefined, again: 0, toldAt: 0 };
          clients.add(client);
          if (timer === undefined) lookIn(0);
        },
        cancel: () => void clients.delete(client),
      });
      // nginx would keep what is sent until it has a buffer full of it.
      return new Response(stream, { headers: { "content-type": "text/event-stream", "x-accel-buffering": "no" } });
    },
    close() {
      clearTimeout(timer);
      timer = undefined;
      for (const client of clients) end(client);
    },
  };
}
