import { setTimeout as wait } from "node:timers/promises";
import { signBody } from "../../src/receive/signature.ts";
import { callbackBody, rowEvent, SECRET } from "../support/callbacks.ts";
import type { Kind, SoakEvent } from "./handlers.ts";
import { createRandom, type Random } from "./random.ts";

/** One callback that was sent, however often. Times are of `performance.now()`. */
export interface Sent {
  readonly number: number;
  readonly lane: number;
  readonly events: number;
  readonly kind: Kind;
  readonly sentAt: number;
  /** When the first 200 came. */
  answeredAt?: number;
}

export interface LoadCounts {
  requests: number;
  /** Answered 200. */
  ok: number;
  unavailable: number;
  /** No answer: nobody listened, or it was killed meanwhile. */
  unanswered: number;
  /** Requests that sent once more what was sent before. */
  duplicates: number;
}

export interface Load {
  readonly sent: ReadonlyMap<number, Sent>;
  readonly counts: Readonly<LoadCounts>;
  /** Answers that are none of 200 and 503. */
  readonly wrongAnswers: readonly string[];
  /** Starts so many connections, which send one callback after another until `signal` aborts; resolves when all have ended. */
  run(signal: AbortSignal): Promise<void>;
}

export interface LoadOptions {
  readonly seed: number;
  readonly lanes: number;
  readonly connections: number;
  /** Callbacks a second, of all connections together. */
  readonly rate: number;
  /** Every so many callbacks, one ends the process at its first attempt. */
  readonly crashEvery: number;
  /** The callback that always ends the process. */
  readonly poison?: number | undefined;
  /** Where to send to; undefined while nobody listens. */
  readonly url: () => string | undefined;
}

const KINDS: readonly (readonly [share: number, kind: Kind])[] = [
  [0.02, "slow"],
  [0.10, "steps"],
  [0.06, "fails once"],
  [0.01, "fails always"],
];

/** Sends as Smartsheet does, and worse: again after any answer but 200, with the same nonce or a new one, and out of spite. */
export function createLoad(options: LoadOptions): Load {
  const { seed, lanes, connections, rate, crashEvery, poison, url } = options;
  const sent = new Map<number, Sent>();
  const counts: LoadCounts = { requests: 0, ok: 0, unavailable: 0, unanswered: 0, duplicates: 0 };
  const wrongAnswers: string[] = [];
  let last = 0;

  function kindOf(number: number, random: Random): Kind {
    if (number === poison) return "crashes always";
    if (number % crashEvery === crashEvery >> 1) return "crashes once";
    let draw = random.next();
    for (const [share, kind] of KINDS) {
      if ((draw -= share) < 0) return kind;
    }
    return "plain";
  }

  async function post(target: string, body: string, to: Sent): Promise<boolean> {
    counts.requests++;
    const headers = { "Smartsheet-Hmac-SHA256": await signBody(body, SECRET) };
    try {
      const response = await fetch(target, { method: "POST", body, headers, signal: AbortSignal.timeout(5_000) });
      const text = await response.text();
      if (response.status === 200) {
        to.answeredAt ??= performance.now();
        counts.ok++;
        return true;
      }
      if (response.status === 503) counts.unavailable++;
      else wrongAnswers.push(`callback ${to.number} was answered ${response.status}: ${text}`);
    } catch {
      counts.unanswered++;
    }
    return false;
  }

  async function deliver(number: number, random: Random, signal: AbortSignal): Promise<void> {
    const lane = 1 + random.between(0, lanes - 1);
    const kind = kindOf(number, random);
    const events = random.pick([1, 1, 1, 2, 3]);
    const last = events - 1;
    const items = Array.from({ length: events }, (_, event): SoakEvent => {
      const own = event === last ? kind : "plain";
      return { number, event, kind: own, ms: own === "slow" ? random.between(300, 1500) : random.between(1, 15) };
    });
    const bodyOf = (nonce: string) =>
      callbackBody({
        nonce,
        timestamp: new Date(1.7e12 + number).toISOString(),
        scopeObjectId: lane,
        events: items.map((item) => rowEvent(item.number * 10 + item.event, { ...item })),
      });
    let body = bodyOf(`n${number}`);
    let target = url();
    while (!target) {
      if (signal.aborted) return;
      await wait(10);
      target = url();
    }
    const callback: Sent = { number, lane, events, kind, sentAt: performance.now() };
    sent.set(number, callback);
    const again = () => {
      counts.duplicates++;
      if (random.chance(0.5)) body = bodyOf(`n${number} again ${random.next()}`);
      return post(url() ?? target!, body, callback);
    };
    if (random.chance(0.03)) await Promise.all([post(target, body, callback), again()]);
    else await post(target, body, callback);
    // Some are never sent again: whether they were stored is then theirs alone to know.
    for (let tries = 0; callback.answeredAt === undefined && tries < 5 && random.chance(0.9); tries++) {
      await wait(random.between(20, 600));
      await again();
    }
    if (random.chance(0.05)) await again();
  }

  async function runConnection(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const number = ++last;
      const random = createRandom(seed + number * 7919);
      const startedAt = performance.now();
      await deliver(number, random, signal);
      const pauseMs = 2 * random.next() * 1000 * connections / rate - (performance.now() - startedAt);
      if (pauseMs > 0) await wait(pauseMs);
    }
  }

  return {
    sent,
    counts,
    wrongAnswers,
    async run(signal) {
      await Promise.all(Array.from({ length: connections }, () => runConnection(signal)));
    },
  };
}
