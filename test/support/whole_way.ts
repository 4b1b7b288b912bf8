// From the simulator over HTTP to a receiver with a SQLite inbox, and back through its handlers to the API.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startServer } from "../../src/cli/server_adapter.ts";
import { sqliteInbox } from "../../src/inbox/sqlite.ts";
import { createReceiver, type Receiver } from "../../src/receiver.ts";
import { createSimulator, type SimulatorOptions } from "../../src/simulator/simulator.ts";
import { createLog } from "./callbacks.ts";
import { createCalls } from "./simulated.ts";
import { until } from "./until.ts";

export type World = Awaited<ReturnType<typeof createWorld>>;

/** Runs `use` with a simulator behind a door, and ends all that was opened in it. */
export async function withWorld(options: SimulatorOptions, use: (world: World) => Promise<void>): Promise<void> {
  const world = await createWorld(options);
  try {
    await use(world);
  } finally {
    await world.close();
  }
}

async function createWorld(options: SimulatorOptions) {
  const folder = await mkdtemp(join(tmpdir(), "sheethook-whole-way-"));
  const closing: (() => Promise<unknown>)[] = [];
  const receivers: (() => Promise<boolean>)[] = [];
  const open = async (fetch: (request: Request) => Promise<Response>, path: string) => {
    const server = await startServer({
      fetch,
      port: 0,
      hostname: "127.0.0.1",
      path,
      logger: createLog(),
    });
    closing.push(() => server.stop());
    return server.url;
  };
  const simulator = createSimulator({ seed: 1, ...options });
  const apiUrl = `${await open(simulator.fetch, "*")}/2.0`;
  const calls = createCalls(simulator);
  const secrets = new Map<number, string>();

  /** A receiver as `serve` has it; `wrap` stands before its `fetch`. */
  async function openReceiver(
    changeAgent: string,
    wrap: (fetch: Receiver["fetch"]) => Receiver["fetch"] = (fetch) => fetch,
  ): Promise<{ receiver: Receiver; url: string; log: string[] }> {
    const inbox = sqliteInbox(join(folder, `${changeAgent}.db`));
    const log = createLog();
    const receiver = createReceiver({
      secrets: (id) => secrets.get(id),
      changeAgent,
      apiUrl,
      inbox,
      logger: log,
    });
    await receiver.start();
    const url = await open(wrap(receiver.fetch), "/webhook");
    receivers.push(async () => (await inbox.overview()).pending === 0);
    closing.push(async () => {
      await receiver.stop();
      await inbox.close();
    });
    return { receiver, url, log: log.lines };
  }

  return {
    ...calls,
    simulator,
    apiUrl,
    openReceiver,
    async watch(sheetId: number, callbackUrl: string) {
      const webhook = await calls.createWebhook(sheetId, { callbackUrl });
      secrets.set(webhook.id, webhook.sharedSecret);
      return await calls.enable(webhook.id);
    },
    /** Until nothing is owed anywhere: a handler's write owes new callbacks. */
    async settle() {
      for (let calm = 0; calm < 3; calm++) {
        const before = simulator.deliveries().length;
        await simulator.idle();
        for (const isDone of receivers) await until("nothing is pending", isDone);
        if (simulator.deliveries().length > before) calm = -1;
      }
    },
    async close() {
      simulator.stop();
      for (const close of closing.reverse()) await close();
      await rm(folder, { recursive: true });
    },
  };
}
