/** A job in a thread of its own: see `thread_job.ts`. */
import { parentPort, workerData } from "node:worker_threads";
import { installSimulation } from "../install.ts";
import type { Asked, ThreadOptions } from "./thread_job.ts";

const { engines: names, without } = workerData as ThreadOptions;
const { time, engines, createJob } = await installSimulation();
const job = createJob({ engines: engines.filter(({ name }) => names.includes(name)), without, time });
parentPort!.on("message", async ({ seed, engine }: Asked) => {
  parentPort!.postMessage(engine === undefined ? await job.run(seed) : await job.shrink(seed, engine));
});
