import { join } from "node:path";
import { createApi } from "../../api/api.ts";
import type { WebhookState } from "../../console/admin.ts";
import type { Logger } from "../../logger.ts";
import { createReceiver, type Receiver } from "../../receiver.ts";
import type { Server } from "../../serve/options.ts";
import { createSimulator, type Delivery, type Simulator } from "../../simulator/simulator.ts";
import { startServer } from "../server_adapter.ts";
import { CHALLENGE_HEADER } from "../../smartsheet/headers.ts";
import { factsOf } from "../../smartsheet/webhook_status.ts";

/** A simulated Smartsheet, and a receiver like that of `serve`. */
export interface Stage {
  readonly simulator: Simulator;
  readonly receiver: Receiver;
  /** The API's base, up to `/2.0`. */
  readonly apiUrl: string;
  /** The URL of the receiver. */
  readonly callbackUrl: string;
  /** A request to the API, with a token. @throws {Error} for an answer that isn't 200 */
  call<Answer>(method: string, path: string, body?: unknown): Promise<Answer>;
  /** Creates and enables a webhook on a sheet. */
  watch(sheetId: number, callbackUrl: string): Promise<Webhook>;
  /** Drops the answer to the next callback. */
  loseNextAnswer(): void;
  /** Starts a naive receiver. @returns its URL */
  openNaive(answer: (body: NaiveBody) => Response | Promise<Response>): Promise<string>;
  /** Starts the console, on its usual port or a free one. @returns its URL */
  openConsole(): Promise<string>;
  /** Called for each delivery from now on. */
  onDelivery(listen: (delivery: Delivery) => void): void;
  close(): Promise<void>;
}

export interface Webhook {
  readonly id: number;
  readonly name: string;
  readonly status: string;
  readonly disabledDetails?: string;
  readonly sharedSecret: string;
  readonly scopeObjectId: number;
}

interface NaiveBody {
  readonly scopeObjectId: number;
  readonly events: readonly { readonly objectType: string; readonly id?: number }[];
}

export const CHANGE_AGENT = "sheethook-demo";
const TOKEN = "any-token-is-good";
/** The first retry waits 0.1 s, all 14 a few minutes. */
const SPEED = 10;
const HOST = "127.0.0.1";
const CONSOLE_PORT = 9464;
const NAIVE_PATH = "/naive";

type Fetch = (request: Request) => Response | Promise<Response>;

/** @param folder for the inbox */
export async function createStage(folder: string, logger: Logger): Promise<Stage> {
  // Imported here, because some runtimes have no node:sqlite.
  const { sqliteInbox } = await import("../../inbox/sqlite.ts");
  const inbox = sqliteInbox(join(folder, "inbox.db"));
  const secrets = new Map<number, string>();
  const servers: Server[] = [];
  let isAnswerLost = false;
  let listen: (delivery: Delivery) => void = () => {};

  const simulator = createSimulator({
    debounceMs: 150,
    speed: SPEED,
    // Otherwise a retry would carry later events, and be another callback: too much for this tour.
    assumptions: { laterEvents: "wait" },
    logger,
    onDelivery: (delivery) => listen(delivery),
    fetch: async (url, init) => {
      const answer = await fetch(url, init);
      if (!isAnswerLost) return answer;
      isAnswerLost = false;
      await answer.body?.cancel();
      throw new Error("the connection was lost");
    },
  });
  async function open(fetch: Fetch, path: string, port = 0): Promise<string> {
    const server = await startServer({ fetch, port, hostname: HOST, path, logger });
    servers.push(server);
    return server.url;
  }

  const apiUrl = `${await open(simulator.fetch, "*")}/2.0`;
  const { createAdmin } = await import("../../console/admin.ts");
  const admin = createAdmin({ inbox, changeAgent: CHANGE_AGENT, webhooks, logger });
  const receiver = createReceiver({
    secrets: (id) => secrets.get(id),
    changeAgent: CHANGE_AGENT,
    apiUrl,
    api: createApi({ token: TOKEN, apiUrl, logger }),
    inbox,
    logger,
    observer: admin.observer,
  });
  await receiver.start();
  const callbackUrl = await open(admin.watch(receiver), "/webhook");

  async function webhooks(): Promise<readonly WebhookState[]> {
    const { data } = await call<{ data: Webhook[] }>("GET", "/webhooks");
    return data.map(({ id, name, scopeObjectId: sheetId, status }) => {
      return { id, name, sheetId, status, enabled: status === "ENABLED", whatToDo: factsOf(status).toDo };
    });
  }

  async function call<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
    const response = await fetch(`${apiUrl}${path}`, {
      method,
      headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answer = await response.json();
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${answer.message}`);
    return answer as Answer;
  }

  return {
    simulator,
    receiver,
    apiUrl,
    callbackUrl,
    call,
    async watch(sheetId, callbackUrl) {
      const name = callbackUrl.endsWith(NAIVE_PATH) ? "a naive receiver's" : "the demo's";
      const body = { name, callbackUrl, scope: "sheet", scopeObjectId: sheetId, events: ["*.*"], version: 1 };
      const { result } = await call<{ result: Webhook }>("POST", "/webhooks", body);
      secrets.set(result.id, result.sharedSecret);
      return (await call<{ result: Webhook }>("PUT", `/webhooks/${result.id}`, { enabled: true })).result;
    },
    loseNextAnswer: () => void (isAnswerLost = true),
    openNaive: (answer) =>
      open(async (request) => {
        const challenge = request.headers.get(CHALLENGE_HEADER);
        return challenge ? Response.json({ smartsheetHookResponse: challenge }) : await answer(await request.json());
      }, NAIVE_PATH),
    openConsole: () => {
      const openOn = async (port: number) => `${await open(admin.fetch, "*", port)}/console`;
      return openOn(CONSOLE_PORT).catch(() => openOn(0));
    },
    onDelivery: (next) => void (listen = next),
    async close() {
      simulator.stop();
      await receiver.stop();
      admin.close();
      await Promise.all(servers.map((server) => server.stop()));
      await inbox.close();
    },
  };
}
