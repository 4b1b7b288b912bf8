import type { FaultName as SimulatorFault } from "../../src/simulator/simulator.ts";
import type { Crew } from "./crew.ts";
import type { OpenedEngine } from "./engine.ts";
import type { History } from "./history.ts";
import type { FaultName, Plan } from "./plan.ts";
import { sleep, type Smartsheet } from "./smartsheet.ts";
import type { VirtualTime } from "./virtual_time.ts";
import type { Weather } from "./weather.ts";

/** What goes wrong from outside. */
export interface Troubles {
  /** Something goes wrong, if the weather is bad. */
  strike(): void;
  /** Ends what lasts. */
  end(): void;
}

const OWNER = "owner@example.com";
const MINUTE = 60_000;

export function createTroubles({ plan, time, history, weather, crew, engine, smartsheet }: {
  readonly plan: Plan;
  readonly time: VirtualTime;
  readonly history: History;
  readonly weather: Weather;
  readonly crew: Crew;
  readonly engine: OpenedEngine;
  readonly smartsheet: Smartsheet;
}): Troubles {
  const random = plan.stream("troubles");
  const { simulator, sheets, call } = smartsheet;
  const tell = (text: string) => history.add({ what: "fault", text });
  let lacksRowAt = -Infinity;

  async function lasting(ms: number, begin: () => void, end: () => void): Promise<void> {
    begin();
    await sleep(ms);
    if (weather.isBad) end();
  }

  function failApi(names: readonly SimulatorFault[]): void {
    const name = random.pick(names);
    if (name === "missing-row") {
      // One answer that lacks a row is all that a reader has to expect.
      if (time.now() < lacksRowAt + 10 * MINUTE) return;
      lacksRowAt = time.now();
    }
    const times = name === "missing-row" ? 1 : random.between(1, 4);
    tell(`the API: ${name}, ${times} times`);
    simulator.failNext(name, times, { after: random.between(0, 3) });
  }

  async function operate(): Promise<void> {
    const act = random.pick(["replay", "replay", "skip", "discard"] as const);
    const states = random.chance(0.8)
      ? ["dead"] as const
      : act === "discard"
      ? ["pending"] as const
      : ["done"] as const;
    const ids = await engine.inspect.find({ states }, 50);
    if (!ids.length) return;
    const callback = random.pick(ids);
    const shown = (await engine.inspect.show(callback))!;
    const [acted] = await engine.inspect[act]([callback]);
    if (acted!.outcome !== "changed") return;
    const { webhookId, nonce } = shown;
    history.add({ what: "operator", act, callback, from: acted!.state!, key: `${webhookId}/${nonce}` });
  }

  const strikes: Readonly<Partial<Record<FaultName, () => unknown>>> = {
    "kill": () => crew.running.length && random.pick(crew.running).process.kill(),
    "stand still": () => crew.running.length && crew.standStill(random.pick(crew.running), random.between(100, 90_000)),
    "stop": () => crew.running.length && crew.stop(random.pick(crew.running), random.pick([0, 1000, 25_000])),
    clock() {
      time.wallOffsetMs = random.between(-300_000, 300_000);
      history.add({ what: "clock set", aheadMs: time.wallOffsetMs });
    },
    "disk full": () =>
      lasting(random.between(10, 60_000), () => {
        tell("the disk is full");
        crew.isDiskFull = true;
      }, () => {
        tell("the disk has room again");
        crew.isDiskFull = false;
      }),
    api: () => failApi(API_FAULTS),
    "torn pages": () => failApi(["sliding-rows", "missing-row", "late-row"]),
    access() {
      const { id } = random.pick(sheets);
      return lasting(random.between(1000, 600_000), () => {
        tell(`access to ${id} is taken away`);
        simulator.setAccess(id, OWNER, "NONE");
      }, () => {
        tell(`access to ${id} is back`);
        simulator.setAccess(id, OWNER, "OWNER");
      });
    },
    async disable() {
      const { webhookId } = random.pick(sheets);
      tell(`webhook ${webhookId} is disabled`);
      await call("PUT", `/webhooks/${webhookId}`, { enabled: false });
    },
    silent() {
      const { id } = random.pick(sheets);
      return lasting(random.between(1000, 600_000), () => {
        tell(`the webhook of ${id} is silent`);
        simulator.setSilent(id, true);
      }, () => {
        tell(`the webhook of ${id} is heard again`);
        simulator.setSilent(id, false);
      });
    },
    forged: smartsheet.forge,
    async operator() {
      if (random.chance(0.6)) return await operate();
      const member = crew.running.length ? random.pick(crew.running) : undefined;
      if (!member) return;
      const { id } = random.pick(sheets);
      tell(`a reconcile of ${id} is asked for`);
      await time.runAs(member.process.owner, () => member.receiver.reconcile({ sheetId: id, reason: "scheduled" }));
    },
  };
  const names = (Object.keys(strikes) as FaultName[]).filter((name) => plan.rate(name) > 0);

  return {
    strike() {
      if (!names.length) return;
      const name = random.pick(names);
      if (random.chance(0.2 + weather.rate(name))) void Promise.resolve(strikes[name]!()).catch(() => {});
    },
    end() {
      weather.isBad = false;
      crew.isDiskFull = false;
      for (const { id } of sheets) {
        simulator.setSilent(id, false);
        simulator.setAccess(id, OWNER, "OWNER");
      }
      for (const name of [...API_FAULTS, "sliding-rows", "missing-row", "late-row"] as const) {
        simulator.failNext(name, 0);
      }
    },
  };
}

const API_FAULTS = [
  ...["rate-limit", "server-error", "maintenance", "server-timeout", "html-page", "bad-gateway"] as const,
  ...["half-json", "no-answer", "save-collision", "no-access", "bad-token"] as const,
];

/** Enables webhooks that are disabled, and asks for a reconcile behind it, as the watch does. */
export async function watchWebhooks(
  { crew, smartsheet, history, time }: {
    readonly crew: Crew;
    readonly smartsheet: Smartsheet;
    readonly history: History;
    readonly time: VirtualTime;
  },
): Promise<void> {
  for (const { id: sheetId, webhookId } of smartsheet.sheets) {
    const { status } = await smartsheet.call("GET", `/webhooks/${webhookId}`);
    if (status === "ENABLED") continue;
    await smartsheet.call("PUT", `/webhooks/${webhookId}`, { enabled: true });
    const after = await smartsheet.call("GET", `/webhooks/${webhookId}`);
    if (after["status"] !== "ENABLED") continue;
    history.add({ what: "fault", text: `webhook ${webhookId} was ${status}, and is enabled again` });
    const [member] = crew.running;
    if (!member) continue;
    const { process, receiver } = member;
    await time.runAs(process.owner, () => receiver.reconcile({ sheetId, reason: "disabled" })).catch(() => {});
  }
}
