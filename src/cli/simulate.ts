import { type Command, InvalidArgumentError, Option } from "commander";
import { READINGS } from "../simulator/assumptions.ts";
import { FAULTS } from "../simulator/faults.ts";
import { MAX_CLOCK_SKEW_MS } from "../simulator/options.ts";
import type { SimulateSettings } from "./simulate/run.ts";
import { parseSheets } from "./simulate/sheet.ts";
import { setting, text, wholeNumber } from "./options/setting.ts";
import { wrapText } from "./terminal/table.ts";

const port = wholeNumber(0, 65_535);
const ms = (min: number) => wholeNumber(min, 3_600_000);

/** `sheethook simulate` */
export function addSimulate(program: Command): void {
  program.command("simulate")
    .description("Simulate Smartsheet on this machine: its API, and the callbacks of its webhooks.")
    .addOption(setting("--port <port>", "port to listen on, 0 for a free one", "SHEETHOOK_SIMULATOR_PORT", port, 8787))
    .addOption(
      setting("--host <address>", "interface to listen on", "SHEETHOOK_SIMULATOR_HOST", text, "127.0.0.1"),
    )
    .addOption(
      setting(
        "--debounce-ms <ms>",
        "collect events for this long (Smartsheet: 60000)",
        "SHEETHOOK_SIMULATOR_DEBOUNCE_MS",
        ms(0),
        1000,
      ),
    )
    .addOption(
      setting("--speed <n>", "divide the waits between retries by this", "SHEETHOOK_SIMULATOR_SPEED", speed, 1),
    )
    .addOption(
      setting("--timeout-ms <ms>", "time to answer a callback", "SHEETHOOK_SIMULATOR_TIMEOUT_MS", ms(1), 5000),
    )
    .addOption(setting("--seed <text>", "seed of the random numbers", "SHEETHOOK_SIMULATOR_SEED", text))
    .addOption(
      setting(
        "--clock-skew-ms <ms>",
        "how far its clock is ahead of this machine's; negative: behind",
        "SHEETHOOK_SIMULATOR_CLOCK_SKEW_MS",
        wholeNumber(-MAX_CLOCK_SKEW_MS, MAX_CLOCK_SKEW_MS),
        0,
      ),
    )
    .addOption(
      pairs("--fault <name=rate>", "a fault and its probability, 0 to 1", "SHEETHOOK_SIMULATOR_FAULT", parseRate),
    )
    .addOption(
      pairs(
        "--assume <name=value>",
        "a choice where Smartsheet is undocumented",
        "SHEETHOOK_SIMULATOR_ASSUME",
        parseReading,
      ),
    )
    .addOption(
      setting(
        "--requests-per-minute <n>",
        "requests that a token may make (Smartsheet: 300)",
        "SHEETHOOK_SIMULATOR_REQUESTS_PER_MINUTE",
        wholeNumber(1, 1_000_000),
      ),
    )
    .addOption(
      new Option("--sheet <name:columns>", 'create a sheet, e.g. "Orders:Item,State"; may be given several times')
        .env("SHEETHOOK_SIMULATOR_SHEET")
        .argParser(parseSheets),
    )
    .addHelpText("after", HELP)
    .action(async (options: SimulateSettings) => {
      const { runSimulate } = await import("./simulate/run.ts");
      await runSimulate(options);
    });
}

/** An option that may be given several times, or with commas in its variable. */
function pairs<Value>(
  flags: string,
  description: string,
  variable: string,
  parse: (name: string, value: string) => Value,
): Option {
  return new Option(flags, `${description}; may be given several times`).env(variable)
    .argParser((given: string, previous: Record<string, Value> | undefined) => {
      const added = given.split(",").filter((part) => part.trim()).map((part) => {
        const [, name = "", value = ""] = /^\s*([\w-]+)\s*=\s*(\S+)\s*$/.exec(part) ?? [];
        if (!name) throw new InvalidArgumentError("It should be a name, =, and a value.");
        return [name, parse(name, value)] as const;
      });
      return { ...previous, ...Object.fromEntries(added) };
    });
}

function parseRate(name: string, value: string): number {
  if (!Object.hasOwn(FAULTS, name)) {
    throw new InvalidArgumentError(`It should be one of ${Object.keys(FAULTS).join(", ")}.`);
  }
  const rate = /^(\d+|\d*\.\d+)$/.test(value) ? Number(value) : NaN;
  if (rate >= 0 && rate <= 1) return rate;
  throw new InvalidArgumentError("Its rate should be a number from 0 to 1.");
}

function parseReading(name: string, value: string): string | number {
  if (!Object.hasOwn(READINGS, name)) {
    throw new InvalidArgumentError(`It should be one of ${Object.keys(READINGS).join(", ")}.`);
  }
  const readings = READINGS[name as keyof typeof READINGS];
  if (typeof readings[0] === "number") return ms(1)(value);
  if (readings.includes(value)) return value;
  throw new InvalidArgumentError(`It should be ${readings.join(" or ")}.`);
}

function speed(value: string): number {
  const number = /^(\d+|\d*\.\d+)$/.test(value.trim()) ? Number(value) : NaN;
  if (number >= 0.01 && number <= 1e9) return number;
  throw new InvalidArgumentError("It should be a number from 0.01 to 1000000000.");
}

const HELP = `
Everything is in memory. Any token is accepted, except an empty one. Callback
URLs must be on loopback, and may be http.

Faults:
${Object.entries(FAULTS).map(([name, what]) => `  ${wrapText(`${name.padEnd(20)} ${what}`, 78, 23)}`).join("\n")}

Where Smartsheet is undocumented, --assume chooses; the default comes first and
is the harsher variant:
${Object.entries(READINGS).map(([name, readings]) => `  ${name.padEnd(20)} ${readings.join(", ")}`).join("\n")}

Examples:
  sheethook simulate                           its API: 127.0.0.1:8787/2.0
  sheethook simulate --sheet "Orders:Item,State"
                                               prints its ids, and commands to
                                               watch and to edit it
  sheethook simulate --speed 1000              3 hours of waiting take 10.8 s
  sheethook simulate --fault duplicate=0.1 --fault drop-answer=0.05
  sheethook simulate --fault sliding-rows=0.2  edits while a sheet is read
  sheethook simulate --assume retryNonce=same

With curl, for an ID that was printed:
  A sheet            curl http://127.0.0.1:8787/2.0/sheets \\
                       -H "Authorization: Bearer any" \\
                       -H "Content-Type: application/json" \\
                       -d '{"name": "Orders", "columns": [{"title": "Item",
                         "type": "TEXT_NUMBER", "primary": true}]}'
  A person's edit    curl http://127.0.0.1:8787/_simulator/edits \\
                       -d '{"cells": [{"column": "Item", "value": "Rope"}]}'
  of a row           ... -d '{"rowId": ID, "cells": [...]}'
  or its end         ... -d '{"rowId": ID, "delete": true}'
  What was sent      curl http://127.0.0.1:8787/_simulator/deliveries
  A webhook's state  curl http://127.0.0.1:8787/_simulator/webhooks/ID/status \\
                       -d '{"status": "DISABLED_ADMINISTRATIVE"}'
  ENABLED, silent    curl http://127.0.0.1:8787/_simulator/webhooks/ID/silent \\
                       -d '{"silent": true}'`;
