import { readFile } from "node:fs/promises";
import type { Command } from "commander";
import { Option } from "commander";
import process from "node:process";
import { inboxSetting } from "../options/inbox_url.ts";
import { flag } from "../options/setting.ts";
import { type SecretsStore, withSecretsStore } from "../secrets/store.ts";
import { confirm, yesFlag } from "../terminal/confirm.ts";
import { note, print } from "../terminal/print.ts";
import { createProgressLine } from "../terminal/progress_line.ts";
import { waitForStopSignal } from "../terminal/stop_signal.ts";
import { usageError } from "../terminal/usage_error.ts";
import { applyPlan } from "./fleet/apply_plan.ts";
import type { Fleet, Problem } from "./fleet/fleet.ts";
import { openTokens } from "./fleet/open_tokens.ts";
import { parseFleet } from "./fleet/parse_fleet.ts";
import type { Action, Step } from "./fleet/plan.ts";
import { preparePlan } from "./fleet/prepare.ts";
import { countsText, effortText, problemJson, problemText, stepJson, stepText } from "./fleet/report.ts";

interface ApplySettings {
  readonly plan?: boolean;
  readonly yes?: boolean;
  readonly inbox: string;
  readonly json?: boolean;
}

/** `sheethook webhooks apply` */
export function addApply(webhooks: Command): void {
  webhooks.command("apply")
    .description("Make the webhooks that a fleet file declares: one for each sheet, also of workspaces and folders.")
    .argument("<file>", "the fleet file, JSON")
    .addOption(new Option("--plan", "only say what would be done"))
    .addOption(yesFlag())
    .addOption(inboxSetting())
    .addOption(flag("--json", "print JSON, one line for each sheet", "SHEETHOOK_JSON"))
    .addHelpText("after", HELP)
    .action((file: string, options: ApplySettings) =>
      withSecretsStore(options.inbox, (store) => runApply(store, file, options))
    );
}

/** Reads a fleet file. @throws {SheethookError} `option_invalid` if it can't be read, or isn't right */
export async function readFleet(file: string): Promise<Fleet> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    throw usageError(
      `Fleet file ${file} can't be read (${(error as NodeJS.ErrnoException).code}): it should be a JSON file`,
    );
  }
  return parseFleet(text, file);
}

async function runApply(store: SecretsStore, file: string, { plan: isPlan, yes, json }: ApplySettings): Promise<void> {
  const fleet = await readFleet(file);
  const apis = await openTokens(fleet);
  const secrets = isPlan ? await store.read() : await store.requireWritable();
  const plan = await preparePlan(fleet, apis, secrets);
  const progress = createProgressLine();
  const done: Action[] = plan.steps.flatMap(({ action }) => action === "none" ? [action] : []);
  const todo = plan.steps.filter(({ action }) => action !== "none");
  let problems = 0;

  function tell(problem: Problem): void {
    problems++;
    progress.clear();
    if (json) print(problemJson(problem));
    note(`sheethook: ${problemText(problem)}`);
  }
  function report(step: Step, webhookId?: number): void {
    progress.clear();
    if (json) print(stepJson(step, webhookId));
    else if (step.action !== "none") print(stepText(step, webhookId));
  }

  if (isPlan) {
    for (const step of plan.steps) report(step);
    plan.problems.forEach(tell);
    note(`${countsText(plan.steps.map(({ action }) => action), problems, true)}; nothing was changed`);
    return;
  }

  if (todo.length) {
    const summary = countsText(todo.map(({ action }) => action), 0, true);
    note(`${summary}: ${effortText(plan)}`);
    await confirm(`Apply ${file}?`, yes);
  }
  for (const step of plan.steps) if (step.action === "none") report(step);
  plan.problems.forEach(tell);
  const stop = new AbortController();
  void waitForStopSignal().then((signal) => stop.abort(new Error(signal)));
  try {
    await applyPlan({
      ...{ plan, fleet: fleet.name, apis, store },
      signal: stop.signal,
      onDone(step, { id }) {
        done.push(step.action);
        report(step, id);
        progress.show(`${done.length} of ${plan.steps.length} sheets`);
      },
      onProblem: tell,
      onProgress: (text) => progress.show(text),
    });
  } catch (error) {
    progress.clear();
    if (!stop.signal.aborted) throw error;
    const { message: signal } = stop.signal.reason as Error;
    throw new Error(
      `${signal}: stopped with ${done.length} of ${plan.steps.length} sheets done: run it again to go on`,
    );
  }
  progress.clear();
  note(countsText(done, problems, false));
  if (problems) process.exitCode = 1;
}

const HELP = `
The file, in which $schema is ignored:
  {
    "name": "orders",
    "tokens": {
      "us": { "env": "SMARTSHEET_ACCESS_TOKEN" },
      "eu": { "env": "SMARTSHEET_TOKEN_EU", "region": "eu" }
    },
    "defaults": { "token": "us", "callbackUrl": "https://hooks.example.com/webhook" },
    "entries": [
      { "sheets": [4509506114742148], "events": ["row.*"], "columns": ["Status"] },
      { "workspace": 7116448184199044, "except": [1229759569678212] },
      { "folder": 8659473762191236, "token": "eu" }
    ]
  }
It names environment variables, and never holds a token. Workspaces and folders are followed with all of their folders.
serve must run meanwhile, as for \`webhooks create\`; \`serve --fleet\` does all this itself, and finds new sheets.

A webhook on the same sheet with the same URL and columns is adopted. Those that were made or adopted are named "sheethook
fleet NAME ...", and their secrets are stored; no other webhook is touched. When a sheet has left the fleet, its webhook is
disabled. What can't be done is named, everything else is done, and the exit code is 1. It can be stopped, even killed, and
run again.

Examples:
  sheethook webhooks apply fleet.json --plan
  sheethook webhooks apply fleet.json --yes
  sheethook webhooks apply fleet.json --plan --json | jq 'select(.action != "none")'`;
