import { requireKnownOptions, requireMs, requireNumber } from "../errors.ts";
import { consoleLogger, createQuietLogger, type Logger } from "../logger.ts";
import { delay } from "../async/delay.ts";
import { type Assumptions, parseAssumptions } from "./assumptions.ts";
import type { SheetRead } from "./account/sheet.ts";
import type { Delivery } from "./delivery/log.ts";
import { createFaults, type FaultName, type Faults } from "./faults.ts";
import { createRandom, type Random } from "./random.ts";

/** Sends one request. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** Options of {@linkcode createSimulator}. */
export interface SimulatorOptions {
  /** How long events are batched before their callback is sent. At Smartsheet 60_000. @default 1000 */
  readonly debounceMs?: number | undefined;
  /** Shortens the delays between retries: at 1000, 3 hours take 10.8 s. At least 0.01. @default 1 */
  readonly speed?: number | undefined;
  /** How long a receiver may take to answer. @default 5000 */
  readonly timeoutMs?: number | undefined;
  /** Seed for everything random: ids, secrets, nonces, faults. @default random */
  readonly seed?: string | number | undefined;
  /** Faults to inject, with rates from 0 to 1. @default none */
  readonly faults?: Readonly<Partial<Record<FaultName, number>>> | undefined;
  /**
   * How far the simulator's clock is ahead of `now`, in milliseconds; negative if it is behind. Applies to all of its times:
   * those of rows, events and callbacks, the `Date` of its answers, and the delivery log. A year at most. @default 0
   */
  readonly clockSkewMs?: number | undefined;
  /** Variants of undocumented behaviour. @default those that are harder on a receiver */
  readonly assumptions?: Partial<Assumptions> | undefined;
  /** Limits API requests per token and minute; Smartsheet allows 300. @default no limit */
  readonly requestsPerMinute?: number | undefined;
  /** Users' e-mail addresses by token. @default every token belongs to the account's owner */
  readonly users?: Readonly<Record<string, string>> | undefined;
  /**
   * Called for each callback and challenge once it has been answered. If this, `onStatus` or `onRead` throws, the error is
   * logged, `idle()` rejects with it, and everything else continues.
   */
  readonly onDelivery?: ((delivery: Delivery) => void) | undefined;
  /** Called when a webhook's status changes. */
  readonly onStatus?: ((webhookId: number, status: string, why: string | undefined) => void) | undefined;
  /** Called for each `GET /sheets/{id}` once its answer is made: what it edits, the next page shows. */
  readonly onRead?: ((read: SheetRead) => void) | undefined;
  /**
   * Names of the server besides loopback's; `*` is any. Requests to other names, and from web pages of another origin, are
   * refused. @default none
   */
  readonly hosts?: readonly string[] | undefined;
  /** Logs errors of `onDelivery`, `onStatus` and `onRead`. @default warnings and errors on the console */
  readonly logger?: Logger | undefined;
  /** Sends callbacks. @default globalThis.fetch */
  readonly fetch?: Fetch | undefined;
  /** Milliseconds since 1970. @default Date.now */
  readonly now?: (() => number) | undefined;
  /** Waits out the debounce and the delays between retries; should resolve early when `signal` aborts. @default a timer */
  readonly sleep?: ((ms: number, signal: AbortSignal) => Promise<void>) | undefined;
}

/** The options, parsed and with their defaults. */
export interface SimulatorSettings {
  readonly debounceMs: number;
  readonly speed: number;
  readonly timeoutMs: number;
  readonly random: Random;
  readonly strikes: Faults["strikes"];
  readonly failNext: Faults["failNext"];
  readonly pick: Faults["pick"];
  readonly assumptions: Assumptions;
  readonly requestsPerMinute: number;
  readonly users: Readonly<Record<string, string>>;
  readonly onDelivery: (delivery: Delivery) => void;
  readonly onStatus: (webhookId: number, status: string, why: string | undefined) => void;
  readonly onRead: (read: SheetRead) => void;
  readonly hosts: readonly string[];
  readonly logger: Logger;
  readonly fetch: Fetch;
  readonly now: () => number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** A year. */
export const MAX_CLOCK_SKEW_MS = 365 * 86_400_000;

/** @throws {SheethookError} `option_invalid` */
export function parseSimulatorOptions(options: SimulatorOptions): SimulatorSettings {
  requireKnownOptions("createSimulator", options, OPTIONS);
  const seed = options.seed ?? crypto.randomUUID();
  // Faults have their own random numbers: ids and secrets are the same with and without them.
  const { strikes, failNext, pick } = createFaults(options.faults ?? {}, createRandom(`${seed} faults`).next);
  const clock = options.now ?? Date.now;
  const skewMs = requireNumber("clockSkewMs", options.clockSkewMs ?? 0, -MAX_CLOCK_SKEW_MS, MAX_CLOCK_SKEW_MS);
  return {
    debounceMs: requireMs("debounceMs", options.debounceMs ?? 1000, 0),
    speed: requireNumber("speed", options.speed ?? 1, 0.01),
    timeoutMs: requireMs("timeoutMs", options.timeoutMs ?? 5000),
    random: createRandom(seed),
    strikes,
    failNext,
    pick,
    assumptions: parseAssumptions({ ...options.assumptions }),
    requestsPerMinute: options.requestsPerMinute === undefined
      ? Infinity
      : requireNumber("requestsPerMinute", options.requestsPerMinute, 1),
    users: options.users ?? {},
    onDelivery: options.onDelivery ?? (() => {}),
    onStatus: options.onStatus ?? (() => {}),
    onRead: options.onRead ?? (() => {}),
    hosts: options.hosts ?? [],
    logger: createQuietLogger(options.logger ?? consoleLogger),
    fetch: options.fetch ?? ((url, init) => globalThis.fetch(url, init)),
    now: () => clock() + skewMs,
    sleep: options.sleep ?? delay,
  };
}

const OPTIONS: Readonly<Record<keyof SimulatorOptions, true>> = {
  debounceMs: true,
  speed: true,
  timeoutMs: true,
  seed: true,
  faults: true,
  clockSkewMs: true,
  assumptions: true,
  requestsPerMinute: true,
  users: true,
  onDelivery: true,
  onStatus: true,
  onRead: true,
  hosts: true,
  logger: true,
  fetch: true,
  now: true,
  sleep: true,
};
