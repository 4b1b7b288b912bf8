// A receiver whose every call of the inbox and the API can be the last one: a process that is killed, or stands still.
import { setImmediate } from "node:timers";
import type { Inbox } from "../../../../src/inbox/inbox.ts";
import { createReceiver, type Receiver, type ReceiverOptions } from "../../../../src/receiver.ts";
import type { ChangesApi } from "../../../../src/mirror/api_port.ts";

/** What a call goes through. */
export type Port = <Result>(kind: "api" | "inbox", call: () => Promise<Result>) => Promise<Result>;

/** What becomes of a call. */
export interface Hooks {
  before(process: ModelProcess): Promise<void>;
  behind(process: ModelProcess): Promise<void>;
}

export interface ModelProcess {
  readonly receiver: Receiver;
  /** Resolves when it is killed. */
  readonly killed: Promise<void>;
  readonly isDead: boolean;
  /** Its calls never return from now on. */
  kill(): void;
  /** It only stood still: what hung goes on. It takes no lane any more. */
  wake(): void;
  /** Works what is due. Resolves when nothing is, or when it is killed; rejects if the inbox keeps failing. */
  work(): Promise<void>;
  /** Resolves when none of its calls is under way. */
  idle(): Promise<void>;
  end(): Promise<void>;
}

/** An inbox that fails so often in a row isn't just slow. */
const MOST_FAILURES = 3;

export function createModelProcess(
  { inbox, hooks, apiOf, options, wrote }: {
    readonly inbox: Inbox;
    readonly hooks: (kind: "api" | "inbox") => Hooks;
    readonly apiOf: (port: Port) => ChangesApi;
    readonly options: Omit<ReceiverOptions, "inbox" | "api">;
    /** Called behind each write of the mirror, with the callback's nonce if there is one. */
    readonly wrote: (nonce: string | undefined) => Promise<void>;
  },
): ModelProcess {
  const killed = Promise.withResolvers<void>();
  let gate: PromiseWithResolvers<void> | undefined;
  let isOpen = false;
  let idle = Promise.withResolvers<void>();
  let wakeWorker: (() => void) | undefined;
  let underWay = 0;
  /** Of leasing, in a row. */
  let failures = 0;

  async function stand(): Promise<void> {
    while (gate) await gate.promise;
  }

  const port: Port = async (kind, call) => {
    underWay++;
    try {
      await stand();
      const { before, behind } = hooks(kind);
      await before(own);
      await stand();
      const result = await call();
      await stand();
      await behind(own);
      await stand();
      return result;
    } finally {
      underWay--;
    }
  };

  /** All functions of an object, through the port. */
  function ported<T extends object>(object: T): T {
    return new Proxy(object, {
      get(target, name) {
        const value = Reflect.get(target, name);
        if (typeof value !== "function") return value;
        return (...args: unknown[]) => port("inbox", () => value.apply(target, args));
      },
    });
  }

  const mirror = ported<Inbox["mirror"]>({
    ...inbox.mirror,
    async derive(lease, work, write, part) {
      const revision = await inbox.mirror.derive(lease, work, write, part);
      const { nonce } = (work as unknown as { callback: { nonce: string } }).callback;
      if (revision !== undefined) await wrote(nonce);
      return revision;
    },
  });
  const calls = ported(inbox);
  const wrapped = new Proxy(inbox, {
    get(target, name) {
      if (name === "mirror") return mirror;
      if (name === "lease") return lease;
      if (name === "wait") return wait;
      return Reflect.get(calls, name, target);
    },
  });

  async function lease(limit: number, leaseMs: number): ReturnType<Inbox["lease"]> {
    if (!isOpen) return [];
    const leases = await calls.lease(limit, leaseMs).catch((error) => {
      // The worker would try again for ever.
      if (++failures >= MOST_FAILURES) idle.reject(error);
      throw error;
    });
    failures = 0;
    if (!leases.length) {
      isOpen = false;
      idle.resolve();
    }
    return leases;
  }

  function wait(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (isOpen || signal.aborted) return resolve();
      wakeWorker = resolve;
      signal.addEventListener("abort", () => resolve());
    });
  }

  const receiver = createReceiver({ ...options, inbox: wrapped, api: apiOf(port), concurrency: 1 });
  const own: ModelProcess = {
    receiver,
    killed: killed.promise,
    get isDead() {
      return gate !== undefined;
    },
    kill() {
      isOpen = false;
      gate ??= Promise.withResolvers();
      gate.promise.catch(() => {});
      killed.resolve();
    },
    wake() {
      const standing = gate;
      gate = undefined;
      standing?.resolve();
    },
    async work() {
      await receiver.start();
      idle = Promise.withResolvers();
      isOpen = true;
      wakeWorker?.();
      await Promise.race([idle.promise, killed.promise]);
    },
    async idle() {
      for (let quiet = 0; quiet < 3; quiet++) {
        await new Promise((resolve) => setImmediate(resolve));
        if (underWay && !gate) quiet = 0;
      }
    },
    async end() {
      gate?.reject(new Error("killed"));
      await receiver.stop({ graceMs: gate ? 0 : 1000 });
    },
  };
  return own;
}
