import { runtimes, startChild } from "../child.ts";
import { median } from "../rounds.ts";
import { type Row, toCount } from "../table.ts";
import type { Derived, DeriveOptions } from "./derive.ts";
import type { FirstRead } from "./first_read.ts";
import type { Reconciled } from "./reconcile.ts";
import { serveSheet } from "./served_sheet.ts";

/** What turning ids into rows costs. */
export async function changesRows(
  { quick, tell }: { readonly quick: boolean; readonly tell: (what: string) => void },
): Promise<Row[]> {
  const rows: Row[] = [];
  const columnCount = 25;
  const rowCount = quick ? 2_000 : 20_000;
  const options: DeriveOptions = { sheets: 10, callbacks: quick ? 10 : 100, rounds: quick ? 1 : 5 };
  const waiting = toCount(options.sheets * options.callbacks);
  const sheet = await serveSheet(rowCount, columnCount);
  const firstRead = [sheet.apiUrl, String(sheet.sheetId)];
  try {
    tell("the answers of a sheet that is read for the first time");
    await measure("node", "first_read.ts", firstRead);
    for (const runtime of runtimes) {
      tell(`changes of ${waiting} callbacks, on ${runtime}`);
      const { rates, requests } = await measure<Derived>(runtime, "derive.ts", [JSON.stringify(options)]);
      const [first, later] = requests;
      rows.push({
        what: "changes: rows derived a second, SQLite, an API that answers at once",
        runtime,
        sheethook: `${toCount(median(rates))}/s`,
      }, {
        what: `changes: requests for ${waiting} waiting callbacks of 10 sheets that were never seen (of known ones)`,
        runtime,
        sheethook: `${first} (${later})`,
        goal: "<= 30",
        isMet: first <= 30 && later <= 30,
      });
      tell(`the first read of a sheet, on ${runtime}`);
      const what = `first read of ${toCount(rowCount)} rows x ${columnCount} columns, SQLite`;
      const { ms, overIdleMiB, requests: pages } = await measure<FirstRead>(runtime, "first_read.ts", firstRead);
      rows.push(
        { what: `${what}: requests`, runtime, sheethook: String(pages), goal: "<= 12", isMet: pages <= 12 },
        { what: `${what}: time`, runtime, sheethook: `${(ms / 1000).toFixed(1)} s` },
        memoryRow(what, runtime, overIdleMiB),
      );
      tell(`the comparison of a sheet, on ${runtime}`);
      rows.push(...reconcileRows(runtime, await measure<Reconciled>(runtime, "reconcile.ts", firstRead)));
    }
  } finally {
    await sheet.stop();
  }
  return rows;
}

function reconcileRows(
  runtime: (typeof runtimes)[number],
  { unchanged, requests, ms, overIdleMiB, heldMs }: Reconciled,
): Row[] {
  const what = "the same, each row changed since";
  return [
    {
      what: "reconcile of an unchanged sheet: requests",
      runtime,
      sheethook: String(unchanged),
      goal: "1",
      isMet: unchanged === 1,
    },
    { what: `${what}: requests`, runtime, sheethook: String(requests), goal: "<= 5", isMet: requests <= 5 },
    { what: `${what}: time`, runtime, sheethook: `${(ms / 1000).toFixed(1)} s` },
    memoryRow(what, runtime, overIdleMiB),
    {
      what: `${what}: the event loop held`,
      runtime,
      sheethook: `${Math.round(heldMs)} ms`,
      goal: "<= 50 ms",
      isMet: heldMs <= 50,
    },
  ];
}

function memoryRow(what: string, runtime: (typeof runtimes)[number], overIdleMiB: number): Row {
  return {
    what: `${what}: memory over idle`,
    runtime,
    sheethook: `${Math.round(overIdleMiB)} MiB`,
    goal: "<= 150 MiB",
    isMet: overIdleMiB <= 150,
  };
}

async function measure<Measured>(
  runtime: (typeof runtimes)[number],
  program: string,
  args: readonly string[],
): Promise<Measured> {
  const child = startChild(runtime, `test/bench/changes/${program}`, args);
  try {
    return JSON.parse(await child.line());
  } finally {
    await child.stop();
  }
}
