import { createApi } from "../../src/api/api.ts";
import { addForwarding } from "../../src/forward/forward.ts";
import { createReceiver, type Receiver } from "../../src/receiver.ts";
import type { OpenedEngine } from "./engine.ts";
import { gateInbox, WRITES } from "./gated_inbox.ts";
import { registerHandlers } from "./handlers.ts";
import type { History } from "./history.ts";
import type { Plan } from "./plan.ts";
import { createProcess, type Process } from "./process.ts";
import { API_URL, QUIET, sleep, type Smartsheet } from "./smartsheet.ts";
import type { TargetFetch } from "./target.ts";
import type { VirtualTime } from "./virtual_time.ts";
import type { Weather } from "./weather.ts";

/** A process, and the receiver in it. */
export interface Member {
  readonly process: Process;
  readonly receiver: Receiver;
}

/** Our processes: for each that ends, another one is started. */
export interface Crew {
  readonly running: readonly Member[];
  start(): void;
  /** A request, through a load balancer that doesn't know who is dead. */
  deliver(request: Request): Promise<Response>;
  /** Stops a process, which then ends. */
  stop(member: Member, graceMs: number): void;
  standStill(member: Member, ms: number): void;
  /** No write to the inbox succeeds. */
  isDiskFull: boolean;
  /** Ends all, for good. */
  end(): void;
}

export function createCrew({ plan, time, history, weather, engine, targets, smartsheet }: {
  readonly plan: Plan;
  readonly time: VirtualTime;
  readonly history: History;
  readonly weather: Weather;
  readonly engine: OpenedEngine;
  readonly targets: (process: Process) => TargetFetch;
  readonly smartsheet: () => Smartsheet;
}): Crew {
  const random = plan.stream("crew");
  const gates = plan.stream("gates");
  const disk = plan.stream("disk");
  const draws = plan.stream("receiver").next;
  const running: Member[] = [];
  let names = 0;

  function start(): void {
    const process = createProcess({
      name: `p${++names}`,
      time,
      random: gates,
      killChance: () => weather.rate("kill") / 100,
      onGate(what) {
        if (!WRITES.has(what)) return;
        if (crew.isDiskFull || disk.chance(weather.rate("disk full") / 30)) throw new Error("database or disk is full");
      },
      onKilled: (where) => leave(process, "killed", where),
    });
    time.runAs(process.owner, () => {
      const receiver = createMember(process);
      running.push({ process, receiver });
      history.add({ what: "starts", process: process.name });
      void receiver.start();
    });
  }

  function createMember(process: Process): Receiver {
    const { simulator, secrets, sheets } = smartsheet();
    const inbox = gateInbox(engine.connect(), process, time);
    const askApi = (request: Request, via: "api" | "fetch") =>
      process.gate("API", () => {
        const { method, url, headers } = request;
        if (method !== "GET") {
          const changeAgent = headers.get("smartsheet-change-agent");
          history.add({ what: "own write", via, method, path: new URL(url).pathname, changeAgent });
        }
        return simulator.fetch(request);
      });
    const api = createApi({
      token: newToken(),
      apiUrl: API_URL,
      fetch: (request) => askApi(request, "api"),
      logger: QUIET,
      now: time.wall,
      random: draws,
      attempts: 2,
    });
    const receiver = createReceiver({
      secrets: (webhookId) => secrets.get(webhookId) ?? [],
      changeAgent: "ours",
      apiUrl: API_URL,
      inbox,
      api,
      attempts: plan.attempts,
      concurrency: plan.concurrency,
      logger: QUIET,
      now: time.wall,
      random: draws,
      fetch: (input, init) => askApi(new Request(input, init), "fetch"),
    });
    const sheetOf = (id: number) => sheets.find((sheet) => sheet.id === id)!;
    const random = plan.stream(process.name);
    const ownWrites = () => weather.mayWrite ? plan.rate("own writes") : 0;
    registerHandlers(receiver, { process, random, history, weather, ownWrites, sheetOf, onHang });
    const { forwardTo: urls, forwardAs: as } = plan;
    if (urls.length) addForwarding(receiver, urls, { as, inbox, fetch: targets(process), now: time.wall });
    return receiver;
  }

  /** Somebody sees it sooner or later. */
  function onHang(process: Process): void {
    time.runAs(undefined, async () => {
      await sleep(random.between(1000, 600_000));
      const member = running.find((member) => member.process === process);
      if (member) crew.stop(member, random.between(0, 25_000));
    });
  }

  function leave(process: Process, how: "killed" | "stopped", where: string): void {
    history.add({ what: how, process: process.name, where });
    const index = running.findIndex((member) => member.process === process);
    if (index >= 0) running.splice(index, 1);
    time.runAs(undefined, () => setTimeout(() => isOver || start(), random.between(10, 60_000)));
  }

  let isOver = false;
  const crew: Crew = {
    running,
    start,
    isDiskFull: false,
    async deliver(request) {
      const member = running.length ? random.pick(running) : undefined;
      if (!member) throw new TypeError("connection refused");
      const { process, receiver } = member;
      return await time.runAs(process.owner, async () => {
        await process.gate("request", () => {});
        return await receiver.fetch(request);
      });
    },
    stop({ process, receiver }, graceMs) {
      history.add({ what: "fault", text: `${process.name} is asked to stop within ${graceMs} ms` });
      void time.runAs(process.owner, async () => {
        await receiver.stop({ graceMs }).catch((error) =>
          history.add({ what: "broken", text: `stop() failed: ${error}` })
        );
        if (process.owner.state === "dead") return;
        process.owner.state = "dead";
        leave(process, "stopped", "");
      });
    },
    standStill({ process }, ms) {
      if (process.owner.state !== "runs") return;
      history.add({ what: "stands still", process: process.name });
      process.owner.state = "stands still";
      setTimeout(() => {
        if (process.owner.state !== "stands still") return;
        history.add({ what: "goes on", process: process.name });
        time.resume(process.owner);
      }, ms);
    },
    end() {
      isOver = true;
      for (const { process } of running) process.owner.state = "dead";
    },
  };
  return crew;
}

let tokens = 0;

/**
 * Budgets are kept by token as long as the process runs, so each run has its own. Short ones, that aren't kept as secrets: to look for
 * thousands in each text takes time.
 */
function newToken(): string {
  return (tokens = (tokens + 1) % 36 ** 6).toString(36).padStart(6, "0");
}
