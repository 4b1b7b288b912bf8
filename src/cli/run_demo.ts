import process from "node:process";
import type { Logger } from "../logger.ts";
import { tellNaive } from "./demo_naive.ts";
import type { DemoSheet } from "./demo_sheet.ts";
import { createStage, type Stage } from "./demo_stage.ts";
import { tellStory } from "./demo_story.ts";
import { createTeller, type Teller } from "./demo_teller.ts";
import { startLogging } from "./logging.ts";
import { logDelivery } from "./simulate_log.ts";
import { waitForStopSignal } from "./stop_signal.ts";

/**
 * Plays the story, and stays after it if it should, until a signal ends it.
 *
 * @throws {Error} if any part of the story doesn't happen
 */
export async function runDemo(stays: boolean): Promise<void> {
  const teller = createTeller();
  // The handler's failure is a part of the story, and is told there.
  const logger = await startLogging("pretty", "fatal");
  const startedAt = performance.now();
  const stage = await createStage(logger);
  try {
    process.stdout.write("Everything here happens on this machine. Smartsheet is a simulator; the rest is real.\n");
    const sheet = await tellStory(stage, teller);
    await tellNaive(stage, teller);
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    process.stdout.write(`\nAll of that happened, in ${seconds} s. Next: sheethook simulate, sheethook serve --help\n`);
    if (stays) await stay(stage, sheet, teller);
  } finally {
    await stage.close();
  }
}

async function stay(
  { apiUrl, callbackUrl, onDelivery, openConsole }: Stage,
  sheet: DemoSheet,
  teller: Teller,
): Promise<void> {
  const stopSignal = waitForStopSignal();
  const logger: Logger = await startLogging("pretty", "info");
  onDelivery((delivery) => logDelivery(delivery, logger));
  const own = apiUrl.replace(/2\.0$/, "_simulator");
  teller.chapter("Your turn");
  teller.say(
    `Smartsheet's API is at ${apiUrl}, the receiver at ${callbackUrl}. Add a row to the sheet:`,
    "",
    `curl ${own}/edits -d '{"sheetId": ${sheet.id}, "cells": [{"column": "Item", "value": "Tar"}, {"column": "Quantity", "value": 3}]}'`,
    "",
    `and see what became of it in the console, ${await openConsole()}, or in the sheet:`,
    "",
    `curl -H "Authorization: Bearer any" ${apiUrl}/sheets/${sheet.id}`,
    "",
  );
  process.stdout.write("sheethook stays; ^C ends it\n");
  logger.info("{signal}: stopping", { signal: await stopSignal });
}
