import { type Child, type Runtime, startChild } from "./child.ts";
import { load } from "./load.ts";
import { rounds } from "./rounds.ts";
import type { Contender } from "./serve_contender.ts";

export interface OverHttpOptions {
  readonly runtime: Runtime;
  readonly contenders: readonly Contender[];
  readonly next: () => Uint8Array;
  readonly rounds: number;
  readonly roundMs: number;
  /** Before the first round, each contender is driven for so long. */
  readonly warmMs: number;
  /** Count a callback when its handlers have ended, not when it is answered. @default false */
  readonly toTheEnd?: boolean;
}

const CONNECTIONS = 64;
const EVENTS = 5;

/**
 * Serves the contenders side by side, each in a process of its own, and drives one at a time.
 *
 * @returns callbacks per second of each, by round
 */
export async function overHttp(options: OverHttpOptions): Promise<Record<string, number[]>> {
  const { runtime, contenders, next, roundMs } = options;
  const children: Child[] = [];
  const measure: Record<string, () => Promise<number>> = {};
  try {
    for (const contender of contenders) {
      const child = startChild(runtime, "test/bench/serve_contender.ts", [contender]);
      children.push(child);
      const { port } = JSON.parse(await child.line());
      const drive = (warmMs: number, measureMs: number) =>
        load({ port, next, connections: CONNECTIONS, warmMs, measureMs });
      await drive(options.warmMs, 1);
      measure[contender] = async () => {
        if (options.toTheEnd) return await rateToTheEnd(child, () => drive(0, roundMs));
        return (await drive(50, roundMs)).perSecond;
      };
    }
    return await rounds(measure, options.rounds);
  } finally {
    await Promise.all(children.map((child) => child.stop()));
  }
}

/** What was handled, by the time that it took until nothing more was. */
async function rateToTheEnd(child: Child, drive: () => Promise<unknown>): Promise<number> {
  const before = await untilQuiet(child);
  const startedAt = performance.now();
  await drive();
  const { events, at } = await untilQuiet(child);
  return (events - before.events) / EVENTS / ((at - startedAt) / 1000);
}

/** `at` is the first moment at which all was handled, as far as asking every 10 ms can tell. */
async function untilQuiet(child: Child): Promise<{ events: number; at: number }> {
  let last = { events: -1, at: 0 };
  for (;;) {
    const { events } = JSON.parse(await child.ask("?"));
    if (events === last.events && performance.now() - last.at > 50) return last;
    if (events !== last.events) last = { events, at: performance.now() };
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
