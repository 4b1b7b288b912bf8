import process from "node:process";
import type { SecretsStore } from "../../secrets/store.ts";
import { confirm } from "../../terminal/confirm.ts";
import { note, print } from "../../terminal/print.ts";
import { createProgressLine } from "../../terminal/progress_line.ts";
import { waitForStopSignal } from "../../terminal/stop_signal.ts";
import { applyPlan } from "./apply_plan.ts";
import type { Problem } from "./fleet.ts";
import { openTokens } from "./open_tokens.ts";
import type { Action, Step } from "./plan.ts";
import { preparePlan } from "./prepare.ts";
import { readFleet } from "./read_fleet.ts";
import { countsText, effortText, problemJson, problemText, stepJson, stepText } from "./report.ts";

/** The options of `webhooks apply`. */
export interface ApplySettings {
  readonly plan?: boolean;
  readonly yes?: boolean;
  readonly json?: boolean;
}

/** Plans, asks, and applies. */
export async function runApply(
  store: SecretsStore,
  file: string,
  { plan: isPlan, yes, json }: ApplySettings,
): Promise<void> {
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
    if (problems) process.exitCode = 1;
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
      call: { signal: stop.signal },
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
