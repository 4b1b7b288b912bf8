import { join } from "node:path";
import { type Runtime, runtimes, startChild } from "./child.ts";
import type { DrainOptions } from "./drain.ts";
import { dropPending, makeFilledInbox } from "./filled_inbox.ts";
import { freshRequestBytes, LARGE_FILE } from "./fixture.ts";
import { overHttp, type OverHttpOptions } from "./over_http.ts";
import { paced } from "./paced.ts";
import { median, type Ratio, ratioOf } from "./rounds.ts";
import { rateRow, type Row, toCount } from "./table.ts";

export interface LargeInboxOptions {
  readonly folder: string;
  readonly pace: Pick<OverHttpOptions, "rounds" | "roundMs" | "warmMs">;
  /** A hundredth of everything. */
  readonly quick: boolean;
  readonly tell: (what: string) => void;
}

/** Whether an inbox slows down as it fills, and how soon an answered callback is worked. */
export async function largeInbox({ folder, pace, quick, tell }: LargeInboxOptions): Promise<Row[]> {
  const size = quick
    ? { done: 10_000, pending: 1_000, lanes: 100 }
    : { done: 1_000_000, pending: 100_000, lanes: 10_000 };
  const done = toCount(size.done);
  const largeFile = join(folder, LARGE_FILE);
  tell(`filling an inbox with ${done} done callbacks`);
  await makeFilledInbox(largeFile, { state: "done", callbacks: size.done, lanes: size.lanes });
  const rows: Row[] = [];
  for (const runtime of runtimes) {
    tell(`accepting into an inbox of ${done} done callbacks, on ${runtime}`);
    const accepted = await overHttp({ runtime, contenders: ["large", "durable"], next: freshRequestBytes, ...pace });
    dropPending(largeFile);
    const what = `durable answer, inbox of ${done} done callbacks / empty inbox`;
    rows.push(rateRow(what, runtime, ratioOf(accepted.large!, accepted.durable!), 0.75));

    const { pending, lanes } = size;
    tell(`draining ${toCount(pending)} callbacks in ${toCount(lanes)} lanes, on ${runtime}`);
    const options: DrainOptions = { folder, callbacks: pending, lanes, rounds: pace.rounds };
    const child = startChild(runtime, "test/bench/drain.ts", [JSON.stringify(options)]);
    const drained = JSON.parse(await child.line()) as Ratio;
    await child.stop();
    const owed = (share: number) => `${toCount(pending / share)} pending in ${toCount(lanes / share)} lanes`;
    rows.push(rateRow(`draining ${owed(1)} / ${owed(100)}`, runtime, drained, 0.9));

    tell(`20 callbacks a second, on ${runtime}`);
    rows.push({
      what: "from the answer to the start of its handler, SQLite, 20 callbacks/s: median, p99",
      runtime,
      sheethook: await lowLoadWaits(runtime, quick ? 10 : 200),
    });
  }
  return rows;
}

async function lowLoadWaits(runtime: Runtime, count: number): Promise<string> {
  const child = startChild(runtime, "test/bench/serve_contender.ts", ["timed"]);
  try {
    const { port } = JSON.parse(await child.line());
    await paced(port, 5, 50);
    await paced(port, count, 50);
    const waitsMs = (JSON.parse(await child.ask("?")).waitsMs as number[]).slice(5).toSorted((a, b) => a - b);
    return `${median(waitsMs).toFixed(1)} ms, ${waitsMs[Math.ceil(waitsMs.length * 0.99) - 1]!.toFixed(1)} ms`;
  } finally {
    await child.stop();
  }
}
