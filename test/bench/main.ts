/**
 * `npm run bench [-- --quick] [-- --only NAME]`: what sheethook costs, beside a floor and its peers, as a Markdown
 * table. Rates and times depend on the machine, ratios much less: all that a row compares was measured in turns.
 */
import { execFileSync } from "node:child_process";
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { root } from "../tasks/run_command.ts";
import { bundleSize } from "./bundle_size.ts";
import { changesRows } from "./changes/changes_rows.ts";
import { type Runtime, runtimes, startChild } from "./child.ts";
import { BODY, freshRequestBytes, requestBytes, SMALL_BODY } from "./fixture.ts";
import type { InProcess } from "./in_process.ts";
import { largeBodies } from "./large_bodies.ts";
import { largeInbox } from "./large_inbox.ts";
import { overHttp } from "./over_http.ts";
import { postgresRows } from "./postgres.ts";
import { median, ratioOf } from "./rounds.ts";
import { startUp } from "./start_up.ts";
import { rateRow, type Row, toCount, toRatio, toTable } from "./table.ts";

const { values: { quick, only } } = parseArgs({
  options: { quick: { type: "boolean", default: false }, only: { type: "string" } },
});
const pace = quick ? { rounds: 1, roundMs: 100, warmMs: 100 } : { rounds: 7, roundMs: 700, warmMs: 1500 };
/** Of a hand-written answer's rate: what limits, time-outs, challenges and problems may cost. */
const FLOOR_GOAL = 0.95;
const bytes = requestBytes(BODY);
const smallBytes = requestBytes(SMALL_BODY);

/** Where the files of this run are; those that serve put theirs there, too. */
const folder = process.env.SHEETHOOK_BENCH_FOLDER = mkdtempSync(join(tmpdir(), "sheethook-bench-"));
process.once("exit", () => rmSync(folder, { recursive: true, force: true }));

const sections: Record<string, () => Promise<Row[]>> = {
  http,
  inbox,
  large: () => largeInbox({ folder, pace, quick, tell }),
  postgres: () => postgresRows({ ...pace, callbacks: quick ? 10_000 : 100_000 }, tell),
  octokit,
  changes: () => changesRows({ quick, tell }),
  bodies: () => largeBodies({ rounds: pace.rounds, quick, tell }),
  size,
  start,
};
if (only && !sections[only]) {
  console.error(`--only is "${only}", but should be one of ${Object.keys(sections).join(", ")}`);
  process.exit(2);
}
const rows: Row[] = [];
for (const [name, section] of Object.entries(sections)) {
  if (!only || name === only) rows.push(...await section());
}
console.log(`${header()}\n\n${toTable(rows)}`);
process.exit(0);

function header(): string {
  const version = (runtime: Runtime) => {
    const text = execFileSync(`${root}node_modules/.bin/${runtime}`, ["--version"], { encoding: "utf8" });
    return `${runtime} ${/\d+\.\d+\.\d+/.exec(text)?.[0]}`;
  };
  const machine = `${cpus().length} cores of ${cpus()[0]?.model.trim()}`;
  const paceText = quick ? ", a quick look: small inboxes, and the figures mean nothing" : "";
  return `${new Date().toISOString().slice(0, 10)}, ${machine}, ${process.platform}; ${
    runtimes.map(version).join(", ")
  }${paceText}`;
}

/** A verified answer, without an inbox, and what the load could do at most. */
async function http(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const runtime of runtimes) {
    tell(`a verified answer over HTTP, on ${runtime}`);
    const contenders = ["sheethook", "floor", ...(runtime === "node" ? ["express"] as const : [])] as const;
    const measured = await overHttp({ runtime, contenders, next: () => bytes, ...pace });
    const ours = measured.sheethook!;
    rows.push(rateRow("verified answer / hand-written floor", runtime, ratioOf(ours, measured.floor!), FLOOR_GOAL));
    if (measured.express) {
      rows.push(rateRow("verified answer / Express with HMAC", runtime, ratioOf(ours, measured.express), 1));
    }
    if (runtime === "deno") {
      tell("the same with a request that lets Deno keep the connection");
      const small = await overHttp({ runtime, contenders: ["sheethook", "floor"], next: () => smallBytes, ...pace });
      const what = "verified answer of 1 event, connection kept / hand-written floor";
      rows.push(rateRow(what, runtime, ratioOf(small.sheethook!, small.floor!), FLOOR_GOAL));
    }
  }
  tell("the load's own limit");
  const limits = await overHttp({ runtime: "node", contenders: ["trivial", "closing"], next: () => bytes, ...pace });
  const limit = (what: string, rates: readonly number[]) =>
    rows.push({ what, runtime: "node", sheethook: "", against: `${toCount(median(rates))}/s` });
  limit("limit of the load: a server that does nothing", limits.trivial!);
  limit("limit of the load when connections are closed, as Deno 2.9.5 does", limits.closing!);
  return rows;
}

/** An answer that is on disk before it is given; and accepted and worked, until the last handler has ended. */
async function inbox(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const runtime of runtimes) {
    tell(`accepting into SQLite, on ${runtime}`);
    const measured = await overHttp({
      runtime,
      contenders: ["durable", "sheethook"],
      next: freshRequestBytes,
      ...pace,
    });
    const what = `durable answer (SQLite; a sync of this disk takes ${syncMs().toFixed(2)} ms) / verified answer`;
    rows.push(rateRow(what, runtime, ratioOf(measured.durable!, measured.sheethook!), 0.5));
    for (const contender of ["sqlite", "memory"] as const) {
      tell(`accepting into ${contender} and working it, on ${runtime}`);
      const toTheEnd = await overHttp({
        runtime,
        contenders: [contender, "sheethook"],
        next: freshRequestBytes,
        toTheEnd: true,
        ...pace,
        rounds: Math.ceil(pace.rounds / 2),
      });
      const ratio = ratioOf(toTheEnd[contender]!, toTheEnd.sheethook!);
      rows.push(rateRow(`${contender} inbox, accepted and worked / verified answer`, runtime, ratio));
    }
  }
  return rows;
}

/** The median of what it takes to bring 4 KiB at the end of a file onto the disk. */
function syncMs(): number {
  const file = openSync(join(folder, "sync"), "w");
  try {
    return median(Array.from({ length: 51 }, () => {
      const startedAt = performance.now();
      writeSync(file, Buffer.alloc(4096));
      fdatasyncSync(file);
      return performance.now() - startedAt;
    }));
  } finally {
    closeSync(file);
  }
}

/** What needs no server. */
async function octokit(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const runtime of runtimes) {
    tell(`in process, on ${runtime}`);
    const options = { roundCount: pace.rounds, roundMs: pace.roundMs / 3 };
    const child = startChild(runtime, "test/bench/in_process.ts", [JSON.stringify(options)]);
    const { callback, events, callbackAlone, costPerEvent } = JSON.parse(await child.line()) as InProcess;
    rows.push(
      rateRow("in process, 64 at a time, onCallback / @octokit/webhooks", runtime, callback, 1),
      rateRow("in process, 64 at a time, on each of 5 events / @octokit/webhooks", runtime, events),
      rateRow("in process, one at a time, onCallback / @octokit/webhooks", runtime, callbackAlone, 1),
      {
        what: "an event of 6,000 in a callback / of 100 (lower is better)",
        runtime,
        sheethook: `${costPerEvent.ours.toFixed(2)} µs`,
        against: `${costPerEvent.theirs.toFixed(2)} µs`,
        ratio: toRatio(costPerEvent),
        goal: "<= 1.10",
        isMet: costPerEvent.ratio <= 1.1,
      },
    );
  }
  return rows;
}

async function size(): Promise<Row[]> {
  tell("size");
  const ours = await bundleSize('export { createReceiver } from "./mod.ts"');
  const theirs = await bundleSize('export { createWebMiddleware, Webhooks } from "@octokit/webhooks"');
  const toKiB = (size: number) => `${(size / 1024).toFixed(1)} KiB`;
  return [{
    what: "createReceiver, minified and gzipped / @octokit/webhooks (lower is better)",
    runtime: "all",
    sheethook: toKiB(ours),
    against: toKiB(theirs),
    ratio: (ours / theirs).toFixed(2),
  }];
}

async function start(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const runtime of runtimes) {
    tell(`start of serve, on ${runtime}`);
    const starts = [];
    for (let round = 0; round < Math.ceil(pace.rounds / 2); round++) starts.push(await startUp(runtime));
    const firstAnswerMs = median(starts.map((start) => start.firstAnswerMs));
    const idleMiB = median(starts.map((start) => start.idleMiB));
    rows.push(
      { what: "start of serve to its first answered challenge", runtime, sheethook: `${Math.round(firstAnswerMs)} ms` },
      { what: "memory of serve when idle", runtime, sheethook: `${Math.round(idleMiB)} MiB` },
    );
  }
  return rows;
}

function tell(what: string): void {
  console.error(`bench: ${what}`);
}
