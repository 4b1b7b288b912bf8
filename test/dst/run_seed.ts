import process from "node:process";
import { createCrew } from "./crew.ts";
import type { Engine } from "./engine.ts";
import { createHistory, type Stamped } from "./history.ts";
import { checkHistory } from "./oracle/check_history.ts";
import { createPlan, type FaultName } from "./plan.ts";
import { createSmartsheet, type Smartsheet } from "./smartsheet.ts";
import { createTargets } from "./target.ts";
import { createTroubles, watchWebhooks } from "./troubles.ts";
import type { VirtualTime } from "./virtual_time.ts";
import { createWeather } from "./weather.ts";

/** What became of one seed. */
export interface SeedResult {
  /** What didn't hold; empty if all did. */
  readonly violations: readonly string[];
  readonly history: readonly Stamped[];
  /** Simulated time. */
  readonly hours: number;
  /** Callbacks that were answered 200. */
  readonly callbacks: number;
  /** Calls of handlers that began. */
  readonly calls: number;
  readonly kills: number;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** All that is owed is worked by then, retries of Smartsheet's included. */
const DRAIN_MS = 40 * HOUR;

/** Runs the whole of sheethook with one seed. */
export async function runSeed(
  seed: number,
  { engine, time, without = [] }: {
    readonly engine: Engine;
    readonly time: VirtualTime;
    readonly without?: readonly FaultName[];
  },
): Promise<SeedResult> {
  time.reset();
  const plan = createPlan(seed, without);
  const history = createHistory(time.now);
  const weather = createWeather(plan);
  const pace = plan.stream("pace");
  const opened = engine.open(time, plan.stream("inbox").next);
  const targets = createTargets({ plan, history, weather });
  const shared = { plan, time, history, weather };
  const crew = createCrew({ ...shared, engine: opened, targets, smartsheet: () => smartsheet });
  const smartsheet: Smartsheet = createSmartsheet({ ...shared, deliver: crew.deliver });
  const troubles = createTroubles({ ...shared, crew, engine: opened, smartsheet });

  const until = (ms: number) => time.run(() => time.now() >= ms);
  const settled = async <Result>(promise: Promise<Result>): Promise<Result> => {
    let isOver = false;
    const end = () => void (isOver = true);
    promise.then(end, end);
    await time.run(() => isOver);
    return await promise;
  };
  const onUnhandled = (error: unknown) =>
    history.add({ what: "broken", text: `A rejection that nobody handled: ${error}` });
  process.on("unhandledRejection", onUnhandled);
  const watch = () => settled(watchWebhooks({ crew, smartsheet, history, time }));

  /** Goes on until nothing is owed any more, neither by Smartsheet nor by us. */
  async function drain(): Promise<boolean> {
    let isIdle = false;
    const endAt = time.now() + DRAIN_MS;
    while (time.now() < endAt) {
      await watch();
      isIdle = false;
      void smartsheet.simulator.idle().then(() => isIdle = true);
      await until(time.now() + 5 * MINUTE);
      if (isIdle && crew.running.length && (await settled(opened.inspect.overview())).pending === 0) return true;
    }
    return false;
  }

  for (let count = plan.processes; count; count--) crew.start();
  await settled(smartsheet.open());

  // The time of trouble.
  const watching = setInterval(
    () => void watchWebhooks({ crew, smartsheet, history, time }).catch(() => {}),
    5 * MINUTE,
  );
  const edits = setInterval(() => pace.chance(0.6) && smartsheet.edit(), pace.between(500, plan.troubleMs / 20));
  const strikes = setInterval(troubles.strike, pace.between(1000, MINUTE));
  await until(plan.troubleMs);
  for (const timer of [edits, strikes]) clearInterval(timer);
  history.add({ what: "fault", text: "none from here on" });
  troubles.end();
  for (const { process } of crew.running) if (process.owner.state === "stands still") time.resume(process.owner);

  // A quiet time.
  time.isQuiet = true;
  const rareEdits = setInterval(smartsheet.edit, pace.between(5, 60) * MINUTE);
  await until(time.now() + pace.between(1, 8) * HOUR);
  clearInterval(rareEdits);
  clearInterval(watching);
  const wasIdle = await drain();

  // What no callback told. Rows that move because we delete one are left to the comparison behind it.
  weather.mayWrite = false;
  for (const { id } of smartsheet.sheets) {
    while (!crew.running.length) await until(time.now() + MINUTE);
    const { process, receiver } = crew.running[0]!;
    await settled(time.runAs(process.owner, () => receiver.reconcile({ sheetId: id })));
  }
  const isIdle = await drain() && wasIdle;
  const hours = time.now() / HOUR;

  crew.end();
  const violations = await settled(checkHistory(history.all, {
    inbox: opened.inspect,
    sheets: await settled(smartsheet.show()),
    attempts: plan.attempts,
    forwardTo: plan.forwardTo,
    forwardAs: plan.forwardAs,
  }));
  if (!isIdle) violations.push(`Something is still owed ${DRAIN_MS / HOUR} hours after the last fault`);
  smartsheet.simulator.stop();
  await settled(opened.close());
  process.off("unhandledRejection", onUnhandled);
  const count = (what: Stamped["what"]) => history.all.filter((each) => each.what === what).length;
  return {
    violations,
    history: history.all,
    hours,
    callbacks: history.all.filter((each) => each.what === "answered" && each.status === 200).length,
    calls: count("begins"),
    kills: count("killed"),
  };
}
