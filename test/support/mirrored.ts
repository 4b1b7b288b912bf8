// A simulator, a receiver that it calls, and an API client, all in this process.
import { type ApiOptions, createApi } from "../../src/api/api.ts";
import type { Inbox } from "../../src/inbox/inbox.ts";
import type { InspectableInbox } from "../../src/inbox/inspect.ts";
import { memoryInbox } from "../../src/inbox/memory.ts";
import { createReceiver, type Receiver, type ReceiverOptions } from "../../src/receiver.ts";
import {
  createSimulator,
  type EditedValue,
  type NewColumn,
  type NewRow,
  type SimulatorOptions,
} from "../../src/simulator/simulator.ts";
import { createLog } from "./callbacks.ts";
import { createCalls } from "./simulated.ts";
import { until } from "./until.ts";

const API_URL = "http://127.0.0.1/2.0";
const COLUMNS: readonly NewColumn[] = [
  { title: "Item" },
  { title: "Status", type: "PICKLIST", options: ["Open", "Approved", "Done"] },
  { title: "Ticket" },
];

export interface MirroredOptions {
  readonly inbox?: Inbox & InspectableInbox;
  readonly simulator?: SimulatorOptions;
  readonly receiver?: Partial<ReceiverOptions>;
  readonly api?: Partial<ApiOptions>;
  /** @default Item, Status and Ticket */
  readonly columns?: readonly NewColumn[];
  /** Rows that are there before the webhook is. */
  readonly rows?: Iterable<NewRow>;
  /** Called for each request to the API; what it returns is the answer, or else that of the simulator. */
  readonly onRequest?: (
    request: Request,
    answer: () => Promise<Response>,
  ) => Response | undefined | Promise<Response | undefined>;
}

export type Mirrored = Awaited<ReturnType<typeof createMirrored>>;

/** Runs `use`, and ends what was opened. */
export async function withMirrored(options: MirroredOptions, use: (world: Mirrored) => Promise<void>): Promise<void> {
  const world = await createMirrored(options);
  try {
    await use(world);
  } finally {
    world.simulator.stop();
    await world.receiver.stop({ graceMs: 1000 });
    await world.inbox.close?.();
  }
}

async function createMirrored(options: MirroredOptions) {
  const log = createLog();
  const inbox = options.inbox ?? memoryInbox();
  const secrets = new Map<number, string>();
  const requests: string[] = [];
  let receiver: Receiver;
  const simulator = createSimulator({
    seed: 1,
    debounceMs: 1,
    speed: 1e9,
    ...options.simulator,
    fetch: (url, init) => receiver.fetch(new Request(url, init)),
  });
  const calls = createCalls(simulator);
  const api = createApi({
    token: "token-of-test",
    apiUrl: API_URL,
    logger: log,
    attempts: 1,
    requestsPerMinute: 100_000,
    ...options.api,
    fetch: async (request) => {
      const { pathname, searchParams } = new URL(request.url);
      requests.push(`${request.method} ${pathname}${searchParams.has("rowIds") ? " rowIds" : ""}`);
      const answer = () => simulator.fetch(request);
      return await options.onRequest?.(request, answer) ?? await answer();
    },
  });
  function create(): Receiver {
    return createReceiver({
      secrets: (webhookId) => secrets.get(webhookId) ?? [],
      changeAgent: "ours",
      apiUrl: API_URL,
      logger: log,
      api,
      inbox,
      ...options.receiver,
    });
  }
  receiver = create();
  const { sheetId, rowIds } = simulator.createSheet("Orders", options.columns ?? COLUMNS, options.rows);
  const sheet = await calls.call("GET", `/2.0/sheets/${sheetId}?pageSize=1`);
  const webhook = await calls.createWebhook(sheet.id);
  secrets.set(webhook.id, webhook.sharedSecret);
  await calls.enable(webhook.id);
  /** Lets the simulator send all that it has to, and the receiver process it. */
  async function settle(): Promise<void> {
    await receiver.start();
    await simulator.idle();
    await until("nothing is pending", async () => (await inbox.overview()).pending === 0);
  }
  return {
    ...calls,
    inbox,
    log,
    api,
    requests,
    simulator,
    sheet,
    rowIds,
    webhook,
    settle,
    get receiver() {
      return receiver;
    },
    /** A new process with other handlers. */
    async restart(): Promise<Receiver> {
      await receiver.stop();
      return receiver = create();
    },
    /** As a person does; without `rowId`, a new row. */
    edit(cells: Record<string, string | number | boolean | null | EditedValue>, rowId?: number): number {
      const all = Object.entries(cells).map(([column, value]) => {
        return { column, ...(typeof value === "object" && value ? value : { value }) };
      });
      return simulator.edit({ sheetId: sheet.id, cells: all, ...(rowId !== undefined && { rowId }) }).rowIds[0]!;
    },
  };
}
