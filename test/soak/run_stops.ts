import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as wait } from "node:timers/promises";
import { sqliteInbox } from "../../src/inbox/sqlite.ts";
import { acceptedCallback, callbackBody, rowEvent } from "../support/callbacks.ts";
import { startChild } from "../support/runtime.ts";
import { checkSoak, type SoakVerdict } from "./check_soak.ts";
import type { Kind, SoakEvent } from "./handlers.ts";
import type { Sent } from "./load.ts";
import { createRandom } from "./random.ts";
import { openRecord, readRecord } from "./record.ts";
import { pendingIn, readRows } from "./run_soak.ts";

/** Of the workers here: `serve` has 20 s. */
export const LEASE_MS = 1500;

const LANES = 40;
const KINDS: readonly Kind[] = ["plain", "plain", "plain", "plain", "steps", "steps", "slow", "fails once"];

export interface StopsResult {
  readonly stops: number;
  readonly verdict: SoakVerdict;
  readonly violations: readonly string[];
}

/**
 * Two processes work one SQLite file; again and again one of them is stopped (SIGSTOP) for up to 3 leases, and continued,
 * while callbacks are put; then the rest is worked, and all of it checked.
 */
export async function runStops(options: {
  /** For what is put, who is stopped and for how long. */
  readonly seed: number;
  readonly stops: number;
  /** Callbacks a second. */
  readonly rate: number;
  readonly drainMs: number;
  readonly tell: (line: string) => void;
}): Promise<StopsResult> {
  const { seed, stops, rate, drainMs, tell } = options;
  const folder = await mkdtemp(join(tmpdir(), "sheethook-stops-"));
  const file = join(folder, "inbox.db");
  const recordFile = join(folder, "record.jsonl");
  const record = openRecord(recordFile);
  const inbox = sqliteInbox(file);
  const random = createRandom(seed);
  const sent = new Map<number, Sent>();
  const violations: string[] = [];
  const worker = () =>
    startChild(new URL("./short_lease_worker.ts", import.meta.url), [file], {
      env: { SHEETHOOK_SOAK_RECORD: recordFile },
      permissions: ["-A"],
      ready: /(works)/,
    });
  const workers = [await worker(), await worker()];
  try {
    const enough = new AbortController();
    const putting = putCallbacks(inbox, sent, { seed, rate, signal: enough.signal });
    for (let stop = 1; stop <= stops; stop++) {
      await wait(random.between(0, 400));
      const { pid } = random.pick(workers);
      const ms = random.between(100, 3 * LEASE_MS);
      tell(`stop ${stop}: ${pid} for ${ms} ms; ${sent.size} callbacks so far`);
      process.kill(pid, "SIGSTOP");
      record.write({ what: "frozen", pid });
      await wait(ms);
      process.kill(pid, "SIGCONT");
    }
    enough.abort();
    await putting;
    for (const endAt = performance.now() + drainMs; pendingIn(file);) {
      if (performance.now() > endAt) {
        violations.push(`${pendingIn(file)} callbacks are still pending after ${drainMs / 1000} s`);
        break;
      }
      await wait(200);
    }
    // Whatever a stopped one has still on its mind.
    await wait(LEASE_MS);
    const verdict = checkSoak(readRows(file, violations), readRecord(recordFile), sent);
    violations.push(...verdict.violations);
    return { stops, verdict, violations };
  } finally {
    await Promise.all(workers.map((child) => child.kill()));
    record.close();
    await inbox.close();
    await rm(folder, { recursive: true });
  }
}

async function putCallbacks(
  inbox: Pick<ReturnType<typeof sqliteInbox>, "put">,
  sent: Map<number, Sent>,
  { seed, rate, signal }: { readonly seed: number; readonly rate: number; readonly signal: AbortSignal },
): Promise<void> {
  const random = createRandom(seed + 1);
  for (let number = 1; !signal.aborted; number++) {
    const lane = random.between(1, LANES);
    const events = random.pick([1, 1, 2, 3]);
    const kind = random.pick(KINDS);
    const items = Array.from({ length: events }, (_, event): SoakEvent => {
      const own = event === events - 1 ? kind : "plain";
      return { number, event, kind: own, ms: own === "slow" ? random.between(200, 900) : random.between(1, 40) };
    });
    const timestamp = new Date(1.7e12 + number).toISOString();
    const body = callbackBody({
      nonce: `n${number}`,
      timestamp,
      scopeObjectId: lane,
      events: items.map((item) => rowEvent(item.number * 10 + item.event, { ...item })),
    });
    const callback: Sent = { number, lane, events, kind, sentAt: performance.now() };
    sent.set(number, callback);
    // One that is stopped may hold the file's lock: then it comes again, as from Smartsheet.
    while (callback.answeredAt === undefined) {
      try {
        await inbox.put(acceptedCallback({}, body));
        callback.answeredAt = performance.now();
      } catch {
        await wait(50);
      }
    }
    await wait(random.next() * 2000 / rate);
  }
}
