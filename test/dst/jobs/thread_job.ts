import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { Job } from "./job.ts";
import type { FaultName } from "../plan.ts";

/** What a thread runs. */
export interface ThreadOptions {
  /** Their names. */
  readonly engines: readonly string[];
  readonly without: readonly FaultName[];
}

/** What a thread is asked for: to run a seed, or with an engine to shrink it. */
export interface Asked {
  readonly seed: number;
  readonly engine?: string;
}

/** A job in a thread of its own, which has a clock of its own. */
export interface ThreadJob extends Job {
  end(): Promise<unknown>;
}

/** Starts a thread. What breaks in it rejects what it was asked for. */
export function createThreadJob(options: ThreadOptions): ThreadJob {
  const thread = new Worker(new URL("thread.ts", import.meta.url), { workerData: options });
  async function ask<Result>(asked: Asked): Promise<Result> {
    thread.postMessage(asked);
    return (await once(thread, "message"))[0];
  }
  return {
    run: (seed) => ask({ seed }),
    shrink: (seed, engine) => ask({ seed, engine }),
    end: () => thread.terminate(),
  };
}
