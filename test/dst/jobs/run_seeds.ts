import type { Job, Ran } from "./job.ts";

/** What many runs came to. */
export interface Totals {
  runs: number;
  failed: number;
  hours: number;
  callbacks: number;
  calls: number;
  kills: number;
}

/** So many failures are looked into: which faults do they need? */
const MOST_SHRUNK = 3;

/** Runs one seed after another, as many at once as there are jobs; what they came to is told in the order of the seeds. */
export async function runSeeds({ from, seeds, jobs, isOver, onFailure, onProgress }: {
  readonly from: number;
  readonly seeds: number;
  readonly jobs: readonly Job[];
  /** Ends the runs behind those that are running. */
  readonly isOver: () => boolean;
  /** Called for each run that fails, with what repeats it. */
  readonly onFailure: (text: string) => void;
  readonly onProgress: (seed: number, totals: Readonly<Totals>) => void;
}): Promise<Totals> {
  const totals: Totals = { runs: 0, failed: 0, hours: 0, callbacks: 0, calls: 0, kills: 0 };
  const ended = new Map<number, readonly Ran[]>();
  let next = from;
  let told = from;
  let isTelling = false;

  async function work(job: Job): Promise<void> {
    while (next < from + seeds && !isOver()) {
      const seed = next++;
      ended.set(seed, await job.run(seed));
      if (!isTelling) await tellAll(job);
    }
  }

  async function tellAll(job: Job): Promise<void> {
    isTelling = true;
    for (let all; (all = ended.get(told)); told++) {
      ended.delete(told);
      for (const ran of all) await tell(ran, job);
      onProgress(told, totals);
    }
    isTelling = false;
  }

  async function tell({ engine, failure, ...ran }: Ran, job: Job): Promise<void> {
    totals.runs++;
    for (const name of ["hours", "callbacks", "calls", "kills"] as const) totals[name] += ran[name];
    if (failure === undefined) return;
    totals.failed++;
    onFailure(totals.failed > MOST_SHRUNK ? failure : await job.shrink(told, engine));
  }

  await Promise.all(jobs.map(work));
  return totals;
}
