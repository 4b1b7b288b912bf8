import type { Sent } from "./load.ts";
import type { SoakLine } from "./record.ts";

/** A callback as it stands in the inbox at the end. */
export interface SoakRow {
  /** Numbered in the order of acceptance. */
  readonly place: number;
  readonly lane: number;
  readonly number: number;
  readonly state: string;
  readonly error: string | null;
  /** The events that have a dead call. */
  readonly deadEvents: readonly number[];
}

export interface SoakVerdict {
  /** One line for each; empty if all held. */
  readonly violations: readonly string[];
  readonly stored: number;
  readonly answered: number;
  /** Answered 200, and not in the inbox. */
  readonly lost: number;
  /** Callbacks all of whose calls ended. */
  readonly worked: number;
  /** Calls that ended, and ran again: their process was killed before it could record it. */
  readonly repeated: number;
  readonly dead: number;
  /** Dead ones among them whose attempts were all killed, though their handler would have ended. */
  readonly wornOut: number;
  readonly orderViolations: number;
  readonly overlaps: number;
  /** Calls and steps that began though another process had gone on with their callback: their lease had run out. */
  readonly zombies: number;
}

/** The calls of one callback. */
interface Progress {
  /** The attempt that has begun last, and where. */
  latest: Start;
  /** Attempts that another has followed. */
  readonly over: Set<string>;
  /** By event: who ended it last, and how many outages there had been. */
  readonly endedBy: Map<number, { readonly pid: number; readonly outages: number }>;
}

interface Start {
  /** Which attempt of which process. */
  readonly run: string;
  readonly pid: number;
  readonly event: number;
  /** The number of the attempt at that event. */
  readonly attempt: number;
}

interface Lane {
  /** By place. */
  readonly rows: SoakRow[];
  /** The row in `rows` that was begun last; -1 before any. */
  at: number;
  open?: { readonly number: number; readonly event: number; readonly pid: number } | undefined;
}

/**
 * Holds what handlers wrote down against what was answered and what the inbox holds. In each lane a callback may begin only
 * when all that were accepted before it have ended; so a kill may repeat a callback only as long as no later one of its
 * lane had begun. What a process that was neither killed nor frozen has ended never runs again, unless the database was away
 * between that and the stop of the process, which then couldn't record it; a frozen one may end what it had begun, but begins
 * nothing more when another process has gone on.
 */
export function checkSoak(
  rows: readonly SoakRow[],
  lines: readonly SoakLine[],
  sent: ReadonlyMap<number, Sent>,
): SoakVerdict {
  const violations: string[] = [];
  const counts = { lost: 0, repeated: 0, wornOut: 0, orderViolations: 0, overlaps: 0, zombies: 0 };
  const rowOf = new Map<number, SoakRow>();
  const lanes = new Map<number, Lane>();
  const progress = new Map<number, Progress>();
  const stepped = new Set<string>();
  const killed = new Set<number>();
  /** How many outages there had been when a process was stopped. */
  const stopped = new Map<number, number>();
  let isAway = false;
  /** How many have begun. */
  let outages = 0;
  const frozen = new Set<number>();
  const isGone = (pid: number) => killed.has(pid) || stopped.has(pid) || frozen.has(pid);

  for (const row of rows.toSorted((a, b) => a.place - b.place)) {
    if (!sent.has(row.number)) violations.push(`callback ${row.number} is stored, but was never sent`);
    if (rowOf.has(row.number)) violations.push(`callback ${row.number} is stored twice`);
    rowOf.set(row.number, row);
    const lane = lanes.get(row.lane) ?? { rows: [], at: -1 };
    lanes.set(row.lane, lane);
    lane.rows.push(row);
  }
  for (const lane of lanes.values()) checkAcceptance(lane);

  function outOfOrder(text: string): void {
    counts.orderViolations++;
    violations.push(text);
  }

  /** What was answered before another was sent is before it. */
  function checkAcceptance({ rows }: Lane): void {
    let latest: Sent | undefined;
    for (const { number } of rows) {
      const own = sent.get(number);
      if (!own) continue;
      if (latest && own.answeredAt !== undefined && own.answeredAt < latest.sentAt) {
        outOfOrder(`callback ${number} was answered before ${latest.number} was sent, but is accepted behind it`);
      }
      if (!latest || own.sentAt > latest.sentAt) latest = own;
    }
  }

  function isWhole({ number, deadEvents }: SoakRow): boolean {
    const ended = progress.get(number)?.endedBy.keys() ?? [];
    return new Set([...ended, ...deadEvents]).size === sent.get(number)?.events;
  }

  /** Whether another attempt had begun; then it tells what shouldn't have. */
  function isStale({ what, number, event, pid, run, attempt = 0, late }: CallLine): boolean {
    const start: Start = { run: `${pid} ${run}`, pid, event, attempt };
    let own = progress.get(number);
    if (!own) progress.set(number, own = { latest: start, over: new Set(), endedBy: new Map() });
    const { latest, over } = own;
    if (start.run === latest.run) return false;
    // Positions and attempts only go on: what begins further back was taken before.
    const isBefore = event < latest.event || (event === latest.event && attempt < latest.attempt);
    if (!over.has(start.run) && !isBefore) {
      over.add(latest.run);
      own.latest = start;
      return false;
    }
    over.add(start.run);
    if (/^(begin|step)$/.test(what) && !late) {
      counts.zombies++;
      violations.push(
        `${what} of event ${event} of callback ${number} in process ${pid}: ${latest.pid} had gone on with it`,
      );
    }
    return true;
  }

  function begin(line: SoakLine & { what: "begin" }): void {
    const { number, event, pid } = line;
    const row = rowOf.get(number);
    if (!row) return void violations.push(`callback ${number} is worked, but not in the inbox`);
    const lane = lanes.get(row.lane)!;
    if (lane.open && !isGone(lane.open.pid)) {
      counts.overlaps++;
      violations.push(`callback ${number} begins in process ${pid} while ${JSON.stringify(lane.open)} runs`);
    }
    lane.open = { number, event, pid };
    const index = lane.rows.indexOf(row, Math.max(lane.at, 0));
    if (index < 0) outOfOrder(`callback ${number} begins behind a later one of its lane`);
    for (let before = Math.max(lane.at, 0); before < index; before++) {
      const other = lane.rows[before]!;
      if (isWhole(other)) continue;
      outOfOrder(`callback ${number} begins before ${other.number} of its lane has ended`);
    }
    if (index >= 0) lane.at = index;

    const own = progress.get(number)!;
    const endedBy = own.endedBy.get(event);
    if (endedBy !== undefined) {
      counts.repeated++;
      const { pid, outages: before } = endedBy;
      const isUnrecorded = (stopped.get(pid) ?? 0) > before;
      if (!killed.has(pid) && !frozen.has(pid) && !isUnrecorded) {
        violations.push(`event ${event} of callback ${number} had ended, and runs again`);
      }
    }
    if (event > 0 && !own.endedBy.has(event - 1) && !row.deadEvents.includes(event - 1)) {
      outOfOrder(`event ${event} of callback ${number} begins before the one before it has ended`);
    }
  }

  for (const line of lines) {
    if ("number" in line && isStale(line)) continue;
    switch (line.what) {
      case "begin":
        begin(line as SoakLine & { what: "begin" });
        break;
      case "end":
        // The outage that there is now may keep it from being recorded.
        progress.get(line.number)?.endedBy.set(line.event, { pid: line.pid, outages: outages - Number(isAway) });
        // fall through
      case "fail": {
        const lane = lanes.get(rowOf.get(line.number)?.lane ?? NaN);
        if (lane?.open?.number === line.number && lane.open.pid === line.pid) lane.open = undefined;
        break;
      }
      case "step":
        if (stepped.has(stepOf(line))) violations.push(`step ${stepOf(line)} was recorded, and runs again`);
        break;
      case "stepped":
        stepped.add(stepOf(line));
        break;
      case "killed":
        killed.add(line.pid);
        break;
      case "stopped":
        stopped.set(line.pid, outages);
        break;
      case "away":
        isAway = true;
        outages++;
        break;
      case "back":
        isAway = false;
        break;
      case "frozen":
        frozen.add(line.pid);
    }
  }

  for (const { number, answeredAt } of sent.values()) {
    if (answeredAt === undefined || rowOf.has(number)) continue;
    counts.lost++;
    violations.push(`callback ${number} was answered 200, but is not in the inbox`);
  }
  for (const row of rows) {
    const { number, state, error } = row;
    const kind = sent.get(number)?.kind;
    if (/^(done|dead)$/.test(state) && !isWhole(row)) {
      violations.push(`callback ${number} (${kind}) is ${state}, but wasn't worked`);
    }
    if (state !== "done" && state !== "dead") violations.push(`callback ${number} (${kind}) is still ${state}`);
    if (state !== "dead" || kind === "fails always" || kind === "crashes always") continue;
    // Every attempt was killed: that is what attempts that are counted before they run are for.
    if (/^(Error: )?Attempt \d+, the last one, never ended/.test(error ?? "")) counts.wornOut++;
    else violations.push(`callback ${number} (${kind}) is dead: ${error}`);
  }
  return {
    violations,
    stored: rows.length,
    answered: [...sent.values()].filter(({ answeredAt }) => answeredAt !== undefined).length,
    worked: rows.filter((row) => !row.deadEvents.length && isWhole(row)).length,
    dead: rows.filter(({ state }) => state === "dead").length,
    ...counts,
  };
}

type CallLine = Extract<SoakLine, { number: number }>;

function stepOf(line: { readonly number: number; readonly event: number; readonly name: string }): string {
  return `"${line.name}" of event ${line.event} of callback ${line.number}`;
}
