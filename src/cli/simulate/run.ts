import process from "node:process";
import { delay } from "../../async/delay.ts";
import type { Assumptions } from "../../simulator/assumptions.ts";
import { createSimulator, type FaultName } from "../../simulator/simulator.ts";
import { openDoor } from "../door.ts";
import { startLogging } from "../terminal/logging.ts";
import { logDelivery, logStatus } from "./log.ts";
import { makeSheet, type SheetToMake } from "./sheet.ts";
import { waitForStopSignal } from "../terminal/stop_signal.ts";

/** What `simulate` is told, by its options and the environment. */
export interface SimulateSettings {
  readonly port: number;
  readonly host: string;
  readonly debounceMs: number;
  readonly speed: number;
  readonly timeoutMs: number;
  readonly seed?: string;
  readonly fault?: Readonly<Partial<Record<FaultName, number>>>;
  readonly assume?: Partial<Assumptions>;
  readonly requestsPerMinute?: number;
  readonly sheet?: readonly SheetToMake[];
}

/** Simulates until a signal ends it. */
export async function runSimulate(settings: SimulateSettings): Promise<void> {
  const { port, host, debounceMs, speed, timeoutMs, seed, fault, assume, requestsPerMinute, sheet: sheets = [] } =
    settings;
  const logger = await startLogging("pretty", "info");
  const simulator = createSimulator({
    debounceMs,
    speed,
    timeoutMs,
    seed,
    faults: fault,
    assumptions: assume,
    requestsPerMinute,
    // Of a machine that is reached from outside nobody knows the names.
    hosts: ["0.0.0.0", "::"].includes(host) ? ["*"] : [host],
    logger,
    onDelivery: (delivery) => logDelivery(delivery, logger),
    onStatus: (webhookId, status, why) => logStatus(webhookId, status, why, logger),
  });
  const stopSignal = waitForStopSignal();
  const server = await openDoor({
    fetch: simulator.fetch,
    port,
    hostname: host,
    path: "*",
    logger,
  });
  const apiUrl = `${server.url}/2.0`;
  logger.info("this isn't Smartsheet, but a simulator: it keeps everything in memory, and calls nothing but loopback");
  logger.info("nothing of an earlier run is left, though a secrets file may still hold the ids of its webhooks");
  logger.info("what was sent and answered: {url}", { url: `${server.url}/_simulator/deliveries` });
  if (fault && Object.keys(fault).length) logger.warn("faults strike: {faults}", { faults: textOf(fault) });
  process.stdout.write(`sheethook simulating on ${apiUrl}\n`);
  for (const sheet of sheets) process.stdout.write(makeSheet(sheet, simulator, apiUrl));

  logger.info("{signal}: stopping", { signal: await stopSignal });
  simulator.stop();
  await Promise.race([server.stop(), delay(1000)]);
  logger.info("stopped");
}

function textOf(faults: Readonly<Record<string, number>>): string {
  return Object.entries(faults).map(([name, rate]) => `${name}=${rate}`).join(", ");
}
