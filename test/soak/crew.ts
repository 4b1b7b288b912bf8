import process from "node:process";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { SECRET } from "../support/callbacks.ts";
import { startServe } from "../support/run_cli.ts";
import type { Child } from "../support/runtime.ts";
import { CRASH_CODE, CRASH_TEXT } from "./handlers.ts";
import type { SoakRecord } from "./record.ts";

export type Role = "all" | "receive" | "work";

/** How a process is ended: by signals, each so long after the one before; the first after its start, or when it is ready. */
export interface Ending {
  readonly name: string;
  readonly waitsUntilReady: boolean;
  readonly signals: readonly (readonly [afterMs: number, signal: "SIGKILL" | "SIGTERM"])[];
}

export interface CrewCounts {
  starts: number;
  /** Ended by SIGKILL. */
  kills: number;
  /** Ended by a handler. */
  crashes: number;
  /** Ended with 0 after SIGTERM. */
  stops: number;
  /** Ended at once by a second SIGTERM. */
  secondSignals: number;
}

/** Processes on one inbox. */
export interface Crew {
  readonly counts: Readonly<CrewCounts>;
  /** Ends that nobody asked for. */
  readonly faults: readonly string[];
  /** Where callbacks go, while somebody receives: to each in turn. */
  url(): string | undefined;
  /** Starts `serve`; resolves when it is gone, as planned or by a handler's fault. */
  run(role: Role, ending: Ending): Promise<void>;
  /** Starts `serve` and lets it work until `isDone`, then stops it; starts it again if a handler has ended it. */
  runUntil(isDone: () => boolean | Promise<boolean>): Promise<void>;
}

const handlers = new URL("./handlers.ts", import.meta.url);

export function createCrew(options: {
  readonly folder: string;
  /** Its URL. */
  readonly inbox: string;
  readonly recordFile: string;
  readonly record: SoakRecord;
  readonly attempts: number;
}): Crew {
  const { folder, inbox, recordFile, record, attempts } = options;
  const counts: CrewCounts = { starts: 0, kills: 0, crashes: 0, stops: 0, secondSignals: 0 };
  const faults: string[] = [];
  const receiving = new Set<string>();

  async function start(role: Role): Promise<Child> {
    counts.starts++;
    const args = ["--role", role, "--attempts", String(attempts)];
    const child = await startServe(
      [fileURLToPath(handlers), ...args, "--stop-timeout", "5s", "--log-level", "error"],
      {
        env: {
          SHEETHOOK_INBOX: inbox,
          SHEETHOOK_SECRET: SECRET,
          SHEETHOOK_SECRETS_FILE: `${folder}/secrets.json`,
          SHEETHOOK_SOAK_RECORD: recordFile,
        },
        reads: [
          folder,
          fileURLToPath(new URL("..", import.meta.url)),
          fileURLToPath(new URL("../../src", import.meta.url)),
        ],
        writes: [folder],
        // At once: it may be killed before it is ready.
        ready: /()/,
      },
    );
    let url: string | undefined;
    let isGone = false;
    if (role !== "work") {
      child.waitFor(/listening on (\S+)/).then(([, found]) => {
        if (!isGone) receiving.add(url = found!);
      }, () => {});
    }
    child.exited.finally(() => {
      isGone = true;
      if (url) receiving.delete(url);
    });
    return child;
  }

  /** Writes down how it has ended. */
  function tellEnd(role: Role, child: Child, code: number | null, signals: readonly string[]): void {
    const { pid, output } = child;
    const isStopped = code === 0 && signals.length > 0;
    record.write({ what: isStopped ? "stopped" : "killed", pid });
    if (isStopped) counts.stops++;
    else if (code === CRASH_CODE || output.includes(CRASH_TEXT)) counts.crashes++;
    else if (code === 143 && signals.length > 1) counts.secondSignals++;
    // A runtime that isn't up yet takes a SIGTERM as everything does that doesn't listen to it.
    else if (signals.includes("SIGKILL") || (signals.length && (code === null || code === 143))) counts.kills++;
    else {
      faults.push(
        `serve --role ${role} ended with ${code} after ${signals.join(", ") || "no signal"}: ${output.slice(-500)}`,
      );
    }
  }

  async function run(role: Role, { waitsUntilReady, signals }: Ending): Promise<void> {
    const child = await start(role);
    let isGone = false;
    const gone = child.exited.then((code) => {
      isGone = true;
      return code;
    });
    if (waitsUntilReady) await child.waitFor(/listening on|working/).catch(() => {});
    const given: string[] = [];
    for (const [afterMs, signal] of signals) {
      const enough = new AbortController();
      await Promise.race([gone, wait(afterMs, undefined, { signal: enough.signal }).catch(() => {})]);
      enough.abort();
      if (isGone) break;
      given.push(signal);
      try {
        process.kill(child.pid, signal);
      } catch {
        // It has just gone.
      }
    }
    const late = setTimeout(() => {
      faults.push(`serve --role ${role} was still there 30 s after ${given.join(", ")}: ${child.output.slice(-500)}`);
      child.kill();
    }, 30_000);
    const code = await gone;
    clearTimeout(late);
    tellEnd(role, child, code, given);
  }

  async function runUntil(isDone: () => boolean | Promise<boolean>): Promise<void> {
    while (true) {
      const child = await start("all");
      let code: number | null | undefined;
      const gone = child.exited.then((exitCode) => code = exitCode);
      while (code === undefined && !await isDone()) await Promise.race([gone, wait(200)]);
      if (code === undefined) return tellEnd("all", child, await child.stop(), ["SIGTERM"]);
      tellEnd("all", child, code, []);
    }
  }

  function url(): string | undefined {
    const [next] = receiving;
    if (next && receiving.delete(next)) receiving.add(next);
    return next;
  }

  return { counts, faults, url, run, runUntil };
}
