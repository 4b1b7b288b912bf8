import { delay } from "../../async/delay.ts";
import type { Assumptions } from "../../simulator/assumptions.ts";
import { createSimulator, type FaultName } from "../../simulator/simulator.ts";
import { startServer } from "../server_adapter.ts";
import { startLogging } from "../terminal/logging.ts";
import { print } from "../terminal/print.ts";
import { logDelivery, logStatus } from "./log.ts";
import { createSheet, type NewSheet } from "./sheet.ts";
import { waitForStopSignal } from "../terminal/stop_signal.ts";

/** The options of `simulate`, given or from the environment. */
export interface SimulateSettings {
  readonly port: number;
  readonly host: string;
  readonly debounceMs: number;
  readonly speed: number;
  readonly timeoutMs: number;
  readonly clockSkewMs: number;
  readonly seed?: string;
  readonly fault?: Readonly<Partial<Record<FaultName, number>>>;
  readonly assume?: Partial<Assumptions>;
  readonly requestsPerMinute?: number;
  readonly sheet?: readonly NewSheet[];
}

/** Simulates until a signal ends it. */
export async function runSimulate(settings: SimulateSettings): Promise<void> {
  const {
    port,
    host,
    debounceMs,
    speed,
    timeoutMs,
    clockSkewMs,
    seed,
    fault,
    assume,
    requestsPerMinute,
    sheet: sheets = [],
  } = settings;
  const logger = await startLogging("pretty", "info");
  const simulator = createSimulator({
    debounceMs,
    speed,
    timeoutMs,
    clockSkewMs,
    seed,
    faults: fault,
    assumptions: assume,
    requestsPerMinute,
    // On every interface, the names of the machine are unknown.
    hosts: ["0.0.0.0", "::"].includes(host) ? ["*"] : [host],
    logger,
    onDelivery: (delivery) => logDelivery(delivery, logger),
    onStatus: (webhookId, status, why) => logStatus(webhookId, status, why, logger),
  });
  const stopSignal = waitForStopSignal();
  const server = await startServer({
    fetch: simulator.fetch,
    port,
    hostname: host,
    path: "*",
    logger,
  });
  const apiUrl = `${server.url}/2.0`;
  logger.info("this isn't Smartsheet, but a simulator: it keeps everything in memory, and calls only loopback");
  logger.info("webhooks of an earlier run are gone, though a secrets file may still hold their ids");
  logger.info("deliveries and their answers: {url}", { url: `${server.url}/_simulator/deliveries` });
  if (fault && Object.keys(fault).length) logger.warn("faults are on: {faults}", { faults: textOf(fault) });
  print(`sheethook simulating on ${apiUrl}`);
  for (const sheet of sheets) print(createSheet(sheet, simulator, apiUrl));

  logger.info("{signal}: stopping", { signal: await stopSignal });
  simulator.stop();
  await Promise.race([server.stop(), delay(1000)]);
  logger.info("stopped");
}

function textOf(faults: Readonly<Record<string, number>>): string {
  return Object.entries(faults).map(([name, rate]) => `${name}=${rate}`).join(", ");
}
