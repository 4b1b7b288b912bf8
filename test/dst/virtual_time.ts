import { AsyncLocalStorage } from "node:async_hooks";
import { syncBuiltinESMExports } from "node:module";
import nodeTimers from "node:timers";
import timerPromises from "node:timers/promises";
import { createTimerHeap } from "./timer_heap.ts";

/**
 * One clock for everything in this process: `setTimeout`, `setInterval`, `setImmediate`, `Date.now` and `performance.now` follow it
 * instead of the machine's. It moves only when nothing else can run, to the next timer.
 */
export interface VirtualTime {
  /** Milliseconds since it began. Nobody sets it. */
  now(): number;
  /** What `Date.now` says: milliseconds since 1970. */
  wall(): number;
  /** By how much the wall clock was set. */
  wallOffsetMs: number;
  /** In quiet times, what polls does it more seldom. */
  isQuiet: boolean;
  /** Runs `use`; timers that it makes, at once or later, belong to `owner`. */
  runAs<Result>(owner: Owner | undefined, use: () => Result): Result;
  /** Fires timers in their order until `isOver()`. @returns false if nothing waits any more */
  run(isOver: () => boolean): Promise<boolean>;
  /** Lets a process that stood still go on: what has waited fires now. */
  resume(owner: Owner): void;
  /** Begins again, at 0 and without timers. */
  reset(): void;
  /** How many timers have fired. */
  readonly fired: number;
  /** The machine's clock holds again. */
  uninstall(): void;
}

/** A process of the simulation. Its timers wait while it stands still, and never fire once it is dead. */
export interface Owner {
  state: "runs" | "stands still" | "dead";
}

interface Timer {
  at: number;
  order: number;
  readonly every: number | undefined;
  readonly owner: Owner | undefined;
  readonly fire: () => void;
  isOver: boolean;
}

/** The wall clock when it begins. */
const START = Date.UTC(2026, 0, 1);
/**
 * Periods that are longer here, in busy and in quiet times, because most runs of them find nothing: those at which a SQLite inbox
 * looks for what others wrote, and a worker saves progress.
 */
const SLOWED: ReadonlyMap<number, readonly [busy: number, quiet: number]> = new Map([
  [100, [1000, 60_000]],
  [1000, [1000, 10_000]],
]);

/** Installs the clock, before anything is imported that keeps a timer function. */
export function installVirtualTime(): VirtualTime {
  const realImmediate = globalThis.setImmediate;
  const heap = createTimerHeap<Timer>();
  const owners = new AsyncLocalStorage<Owner | undefined>();
  let waiting: Timer[] = [];
  let now = 0;
  let order = 0;
  let uuids = 0;
  let draws = 0;
  let fired = 0;

  function add(fire: () => void, ms: number, every?: number) {
    const delay = ms >= 1 ? Math.min(ms, 2 ** 31 - 1) : ms === -1 ? 0 : 1;
    const timer: Timer = {
      at: now + slowed(delay),
      order: order++,
      every,
      owner: owners.getStore(),
      fire,
      isOver: false,
    };
    heap.push(timer);
    return handleOf(timer);
  }

  const slowed = (ms: number) => SLOWED.get(ms)?.[time.isQuiet ? 1 : 0] ?? ms;

  function handleOf(timer: Timer) {
    const handle = {
      timer,
      ref: () => handle,
      unref: () => handle,
      hasRef: () => true,
      [Symbol.toPrimitive]: () => timer.order,
      [Symbol.dispose]: () => void (timer.isOver = true),
    };
    return handle;
  }

  const clear = (handle: { readonly timer?: Timer } | undefined | null) => {
    if (handle?.timer) handle.timer.isOver = true;
  };
  const fake = {
    setTimeout: (fire: (...args: unknown[]) => void, ms = 1, ...args: unknown[]) => add(() => fire(...args), ms),
    setInterval: (fire: (...args: unknown[]) => void, ms = 1, ...args: unknown[]) => {
      return add(() => fire(...args), ms, Math.max(ms, 1));
    },
    setImmediate: (fire: (...args: unknown[]) => void, ...args: unknown[]) => add(() => fire(...args), -1),
    clearTimeout: clear,
    clearInterval: clear,
    clearImmediate: clear,
  };
  const sleep = <Value>(ms = 1, value?: Value) => new Promise((resolve) => fake.setTimeout(() => resolve(value), ms));
  const fakePromises = { setTimeout: sleep, setImmediate: <Value>(value?: Value) => sleep(-1, value) };

  const turn = () => new Promise<void>((resolve) => realImmediate(resolve));

  function fire(timer: Timer): void {
    fired++;
    if (timer.every === undefined) timer.isOver = true;
    else {
      timer.at = now + slowed(timer.every);
      timer.order = order++;
      heap.push(timer);
    }
    owners.run(timer.owner, timer.fire);
  }

  const time: VirtualTime = {
    now: () => now,
    wall: () => START + Math.floor(now) + time.wallOffsetMs,
    wallOffsetMs: 0,
    isQuiet: false,
    get fired() {
      return fired;
    },
    runAs: (owner, use) => owners.run(owner, use),
    async run(isOver) {
      await turn();
      while (!isOver()) {
        const timer = heap.pop();
        if (!timer) return false;
        if (timer.isOver || timer.owner?.state === "dead") continue;
        if (timer.owner?.state === "stands still") {
          waiting.push(timer);
          continue;
        }
        now = Math.max(now, timer.at);
        fire(timer);
        // Lets everything run that doesn't wait for a timer.
        await turn();
      }
      return true;
    },
    resume(resumed) {
      resumed.state = "runs";
      for (const timer of waiting) if (timer.owner === resumed) heap.push(timer);
      waiting = waiting.filter((timer) => timer.owner !== resumed);
    },
    reset() {
      heap.clear();
      waiting = [];
      now =
        order =
        fired =
        uuids =
        draws =
        time.wallOffsetMs =
          0;
      time.isQuiet = false;
    },
    uninstall() {
      for (const end of undo) end();
      syncBuiltinESMExports();
    },
  };

  const undo = [
    replace(globalThis, { ...fake }),
    replace(nodeTimers, { ...fake }),
    replace(timerPromises, { ...fakePromises }),
    replace(Date, { now: time.wall }),
    replace(performance, { now: () => now }),
    // Nothing depends on these but what a run looks like.
    replace(crypto, { randomUUID: () => `00000000-0000-4000-8000-${String(++uuids).padStart(12, "0")}` }),
    replace(Math, { random: () => (draws = (draws + 0.618033988749895) % 1) }),
  ];
  syncBuiltinESMExports();
  return time;
}

function replace(target: object, values: Readonly<Record<string, unknown>>): () => void {
  const before = Object.keys(values).map((key) => [key, Object.getOwnPropertyDescriptor(target, key)] as const);
  for (const [key, value] of Object.entries(values)) {
    Object.defineProperty(target, key, { value, configurable: true, writable: true, enumerable: true });
  }
  return () => {
    for (const [key, descriptor] of before) {
      if (descriptor) Object.defineProperty(target, key, descriptor);
      else Reflect.deleteProperty(target, key);
    }
  };
}
