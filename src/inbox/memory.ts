/**
 * `sheethook/inbox/memory`: an inbox in the memory of the process, for tests and for trying things out.
 *
 * @example
 * ```ts
 * import { createReceiver } from "sheethook";
 * import { memoryInbox } from "sheethook/inbox/memory";
 *
 * const inbox = memoryInbox();
 * const receiver = createReceiver({ secrets: "3qo29mvjou6xt5fujukjtwzhj0", inbox });
 * receiver.on("row.created", (event) => console.log(event.id));
 * console.log((await inbox.overview()).pending); // 0
 * ```
 *
 * @module
 */
import { requireInteger, requireKnownOptions } from "../errors.ts";
import type { Inbox } from "./inbox.ts";
import type { InspectableInbox } from "./inspect.ts";
import { requireKeepMs } from "./limits.ts";
import { createMemoryAlerts } from "./memory/alerts.ts";
import { createMemoryInspect } from "./memory/inspect.ts";
import { createLanes } from "./memory/lanes.ts";
import { createMemoryMirror } from "./memory/mirror.ts";
import { createMemoryStore } from "./memory/store.ts";
export type { AcceptedCallback } from "../callback/callback.ts";
export type * from "./inbox.ts";
export type * from "./inspect.ts";
export type * from "./mirror.ts";

/** Options of {@linkcode memoryInbox}. */
export interface MemoryInboxOptions {
  /** How many callbacks may be pending; more are refused, so that Smartsheet sends them again. @default 100_000 */
  readonly maxPending?: number | undefined;
  /** How long processed callbacks are remembered, in milliseconds, to recognise duplicates. @default 7 days */
  readonly keepMs?: number | undefined;
  /**
   * How many ended callbacks are remembered, and at most 128 MiB of bodies. Those that ended first are forgotten first,
   * dead letters last. @default 100_000
   */
  readonly maxRemembered?: number | undefined;
  /** Milliseconds since 1970; should never go back. @default the monotonic clock */
  readonly now?: (() => number) | undefined;
  /** From 0 to 1, for the spread of waits. @default Math.random */
  readonly random?: (() => number) | undefined;
}

/**
 * An inbox in the memory of this process: for tests, and for trying things out. It keeps order, retries, steps and dead
 * letters like the others, but loses everything when the process ends.
 *
 * @throws {SheethookError} `option_invalid`
 */
export function memoryInbox(options: MemoryInboxOptions = {}): Inbox & InspectableInbox {
  requireKnownOptions("memoryInbox", options, OPTIONS);
  const { random = Math.random } = options;
  const maxPending = requireInteger("maxPending", options.maxPending ?? 100_000);
  const keepMs = requireKeepMs(options.keepMs, 0);
  const maxRemembered = requireInteger("maxRemembered", options.maxRemembered ?? 100_000);
  const now = options.now ?? (() => performance.timeOrigin + performance.now());
  const store = createMemoryStore({ maxPending, keepMs, maxRemembered, now, random });

  return {
    ...createMemoryInspect(store),
    ...createLanes(store),
    mirror: createMemoryMirror(store),
    alerts: createMemoryAlerts(),
    put: async (callback) => store.add(callback),
    check: async () => store.requireRoom(),
    close: async () => {},
  };
}

const OPTIONS: Readonly<Record<keyof MemoryInboxOptions, true>> = {
  maxPending: true,
  keepMs: true,
  maxRemembered: true,
  now: true,
  random: true,
};
