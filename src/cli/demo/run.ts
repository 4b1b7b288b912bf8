import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { tellNaive } from "./naive.ts";
import type { DemoSheet } from "./sheet.ts";
import { createStage, type Stage } from "./stage.ts";
import { tellStory } from "./story.ts";
import { createTeller } from "./teller.ts";
import { startLogging } from "../terminal/logging.ts";
import { logDelivery } from "../simulate/log.ts";
import { waitForStopSignal } from "../terminal/stop_signal.ts";

const BEGINNING = `When a sheet changes, Smartsheet calls a URL of yours: a webhook. sheethook
answers such calls, and runs your code. All of this happens on this machine:
Smartsheet is a simulator here, and the rest is real.
`;

/**
 * Runs the tour, and with `stays` goes on until a signal ends it. Deletes everything that it created.
 *
 * @throws {Error} if any part of the tour doesn't happen
 */
export async function runDemo(stays: boolean): Promise<void> {
  const stopSignal = waitForStopSignal();
  const folder = await createFolder();
  try {
    // The tour itself reports the handler's failure.
    const stage = await createStage(folder, await startLogging("pretty", "fatal"));
    try {
      const ended = stopSignal.then((signal) => {
        throw new Error(`${signal}: the demo was stopped before its end`);
      });
      const sheet = await Promise.race([ended, tell(stage)]);
      if (stays) await stay(stage, sheet, stopSignal);
    } finally {
      await stage.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function createFolder(): Promise<string> {
  try {
    return await mkdtemp(join(tmpdir(), "sheethook-demo-"));
  } catch (cause) {
    const message = `Can't make a folder in "${tmpdir()}", but the demo needs one for its inbox: set TMPDIR`;
    throw new Error(message, { cause });
  }
}

async function tell(stage: Stage): Promise<DemoSheet> {
  const startedAt = performance.now();
  const teller = createTeller();
  process.stdout.write(BEGINNING);
  const sheet = await tellStory(stage, teller);
  await tellNaive(stage, teller);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  process.stdout.write(`\nAll of that happened, in ${seconds} s. Next: sheethook simulate, sheethook serve -h\n`);
  return sheet;
}

async function stay(
  { apiUrl, callbackUrl, onDelivery, openConsole }: Stage,
  sheet: DemoSheet,
  stopSignal: Promise<string>,
): Promise<void> {
  const logger = await startLogging("pretty", "info");
  onDelivery((delivery) => logDelivery(delivery, logger));
  const own = apiUrl.replace(/2\.0$/, "_simulator");
  const lines = [
    "",
    "Your turn",
    "",
    `Smartsheet's API is at ${apiUrl}, the receiver at ${callbackUrl}.`,
    "Add a row to the sheet:",
    "",
    `curl ${own}/edits -d '{"sheetId": ${sheet.id}, "cells": [{"column": "Item", "value": "Nails"}, {"column": "Status", "value": "Approved"}]}'`,
    "",
    `and see the result in the console, ${await openConsole()}, or in the sheet:`,
    "",
    `curl -H "Authorization: Bearer any" ${apiUrl}/sheets/${sheet.id}`,
    "",
    "sheethook stays; ^C ends it",
  ];
  // Not indented, so that lines can be copied.
  process.stdout.write(lines.map((line) => `${line}\n`).join(""));
  logger.info("{signal}: stopping", { signal: await stopSignal });
}
