import { installSyncCrypto } from "./sync_crypto.ts";
import { installVirtualTime, type VirtualTime } from "./virtual_time.ts";

/** The simulation, with the clock that it runs on. */
export interface Simulation {
  readonly time: VirtualTime;
  readonly engines: typeof import("./engine.ts").ENGINES;
  readonly runSeed: typeof import("./run_seed.ts").runSeed;
  readonly createJob: typeof import("./jobs/job.ts").createJob;
  /** The machine's clock holds again. */
  uninstall(): void;
}

/** Installs the clock first: what is imported behind it keeps the timer functions that it finds. */
export async function installSimulation(): Promise<Simulation> {
  const time = installVirtualTime();
  const endCrypto = installSyncCrypto();
  const { ENGINES: engines } = await import("./engine.ts");
  const { runSeed } = await import("./run_seed.ts");
  const { createJob } = await import("./jobs/job.ts");
  return {
    time,
    engines,
    runSeed,
    createJob,
    uninstall() {
      endCrypto();
      time.uninstall();
    },
  };
}
