import { createSimulator, type FaultName as SimulatorFault, type Simulator } from "../../src/simulator/simulator.ts";
import type { Random } from "../soak/random.ts";
import type { History } from "./history.ts";
import type { Plan } from "./plan.ts";
import type { VirtualTime } from "./virtual_time.ts";
import type { Weather } from "./weather.ts";

/** The column that only our handlers write. */
export const OWN_COLUMN = "Ticket";
export const API_URL = "http://127.0.0.1/2.0";

/** A sheet, as those know it who edit it. */
export interface WatchedSheet {
  readonly id: number;
  readonly webhookId: number;
  /** By title. */
  readonly columnIds: Readonly<Record<string, number>>;
  /** Rows that may be there. */
  readonly rows: number[];
}

/** A sheet as the API shows it. */
export interface ShownSheet {
  readonly id: number;
  readonly columns: readonly { readonly id: number; readonly title: string }[];
  readonly rows: readonly {
    readonly id: number;
    readonly rowNumber: number;
    readonly cells: readonly { readonly columnId: number; readonly value?: unknown }[];
  }[];
}

/** Smartsheet: sheets that persons edit, with a webhook each. */
export interface Smartsheet {
  readonly simulator: Simulator;
  readonly sheets: readonly WatchedSheet[];
  readonly secrets: ReadonlyMap<number, string>;
  /** Makes the sheets and their webhooks. */
  open(): Promise<void>;
  /** A person edits something. */
  edit(): void;
  /** A call of the API, as a person. */
  call(method: string, path: string, json?: unknown): Promise<Record<string, unknown>>;
  /** Sends a captured callback once more, now and then with another body or signature. */
  forge(): void;
  show(): Promise<ShownSheet[]>;
}

interface Captured {
  readonly url: string;
  readonly init: RequestInit;
}

/** @param deliver a request to one of our processes */
export function createSmartsheet({ plan, time, history, weather, deliver }: {
  readonly plan: Plan;
  readonly time: VirtualTime;
  readonly history: History;
  readonly weather: Weather;
  readonly deliver: (request: Request) => Promise<Response>;
}): Smartsheet {
  const edits = plan.stream("edits");
  const network = plan.stream("network");
  const sheets: WatchedSheet[] = [];
  const secrets = new Map<number, string>();
  const captured: Captured[] = [];
  const simulator = createSimulator({
    ...plan.simulator,
    // Few secrets: the process knows each for ever that it was ever told, to keep it out of logs.
    seed: plan.seed % 8,
    faults: Object.fromEntries(NETWORK_FAULTS.map((name) => [name, plan.rate("network") / 10])),
    now: () => Math.floor(time.now()) + 1_767_225_600_000,
    logger: QUIET,
    fetch: (url, init) => send({ url, init }, false),
  });

  async function send({ url, init }: Captured, isForged: boolean): Promise<Response> {
    const rate = weather.rate("network") / 10;
    if (rate && network.chance(rate)) await sleep(network.next() * 8000);
    if (rate && network.chance(rate)) throw new TypeError("connection reset");
    init.signal?.throwIfAborted();
    const answered = new Promise<Response>((resolve, reject) => {
      init.signal?.addEventListener("abort", () => reject(init.signal!.reason));
      deliver(new Request(url, init)).then(resolve, reject);
    });
    // A challenge is a text.
    if (typeof init.body === "string") return await answered;
    const callback = JSON.parse(new TextDecoder().decode(init.body as Uint8Array<ArrayBuffer>));
    const { webhookId, nonce, timestamp, scopeObjectId: sheet, events, newWebhookStatus } = callback;
    const content = JSON.stringify(events ?? newWebhookStatus);
    history.add({ what: "sent", nonce, content });
    const { status } = await answered;
    history.add({ what: "answered", status, isForged, webhookId, nonce, timestamp, sheet, content });
    if (!isForged) captured.push({ url, init: { ...init, signal: null } });
    return await answered;
  }

  async function call(method: string, path: string, json?: unknown): Promise<Record<string, unknown>> {
    const headers = { authorization: "Bearer person", "content-type": "application/json" };
    const body = json === undefined ? {} : { body: JSON.stringify(json) };
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), 60_000);
    try {
      const request = new Request(`${API_URL}${path}`, { method, headers, signal: late.signal, ...body });
      return await (await simulator.fetch(request)).json();
    } finally {
      clearTimeout(timer);
    }
  }

  async function openSheet(name: string): Promise<void> {
    const columns = [{ title: "Item", primary: true }, "Status", OWN_COLUMN];
    const rows = Array.from({ length: edits.between(0, 8) }, (_, index) => [`item ${index}`, "Open"]);
    const { sheetId: id, rowIds, columnIds } = simulator.createSheet(name, columns, rows);
    const webhook = { name, callbackUrl: "http://127.0.0.1:1/webhook", scope: "sheet", scopeObjectId: id };
    const { result } = await call("POST", "/webhooks", { ...webhook, events: ["*.*"], version: 1 }) as {
      result: { id: number; sharedSecret: string };
    };
    secrets.set(result.id, result.sharedSecret);
    sheets.push({ id, webhookId: result.id, columnIds, rows: [...rowIds] });
    await call("PUT", `/webhooks/${result.id}`, { enabled: true });
  }

  function edit(): void {
    const sheet = edits.pick(sheets);
    const { id: sheetId, rows } = sheet;
    const rowId = rows.length && edits.chance(0.75) ? edits.pick(rows) : undefined;
    const draw = edits.next();
    const cells = cellsOf(edits);
    const [text, made] = rowId === undefined
      ? [`adds a row to ${sheetId}`, () => rows.push(...simulator.edit({ sheetId, cells }).rowIds)]
      : draw < 0.15
      ? [`deletes row ${rowId} of ${sheetId}`, () => {
        simulator.edit({ sheetId, deleteRowIds: [rowId] });
        rows.splice(rows.indexOf(rowId), 1);
        history.add({ what: "row deleted", sheet: sheetId, row: rowId, by: "person" });
      }]
      : draw < 0.2
      ? [`moves row ${rowId} of ${sheetId}`, () => simulator.edit({ sheetId, rowId, toTop: true })]
      : draw < 0.25
      ? [`comments on row ${rowId} of ${sheetId}`, () => simulator.edit({ sheetId, rowId, comment: "why?" })]
      : draw < 0.3
      ? [
        `changes row ${rowId} of ${sheetId} without an event`,
        () => simulator.edit({ sheetId, rowId, cells, silent: true }),
      ]
      : [
        `changes row ${rowId} of ${sheetId}: ${cells.map(({ column, value }) => `${column} is ${value}`).join(", ")}`,
        () => simulator.edit({ sheetId, rowId, cells }),
      ];
    history.add({ what: "edit", text });
    try {
      made();
    } catch (error) {
      history.add({ what: "edit", text: `refused: ${(error as Error).message}` });
      if (rowId !== undefined && rows.includes(rowId)) rows.splice(rows.indexOf(rowId), 1);
    }
  }

  return {
    simulator,
    sheets,
    secrets,
    call,
    edit,
    async open() {
      for (let count = plan.sheets; count; count--) await openSheet(`Sheet ${count}`);
    },
    forge() {
      if (!captured.length) return;
      const { url, init } = network.pick(captured);
      const isFalse = network.chance(0.5);
      const body = (init.body as Uint8Array<ArrayBuffer>).slice();
      // A letter of the nonce: it is JSON as before, under a signature that was made for another one.
      if (isFalse) body[body.indexOf(58) + 3] = 122;
      history.add({ what: "fault", text: `a captured callback is sent again${isFalse ? ", with another nonce" : ""}` });
      send({ url, init: { ...init, body } }, isFalse).then((answer) => answer.body?.cancel(), () => {});
    },
    async show() {
      const shown: ShownSheet[] = [];
      for (const { id } of sheets) shown.push(await call("GET", `/sheets/${id}`) as unknown as ShownSheet);
      return shown;
    },
  };
}

const NETWORK_FAULTS: readonly SimulatorFault[] = [
  ...["duplicate", "duplicate-new-nonce", "drop-answer", "late-answer", "burst", "lost-callback"] as const,
];

export const QUIET = { debug() {}, info() {}, warn() {}, error() {} };

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function cellsOf(random: Random): { readonly column: string; readonly value: string | null }[] {
  const item = { column: "Item", value: `item ${random.between(1, 9)}` };
  const status = { column: "Status", value: random.pick(["Open", "Approved", "Done", null]) };
  const draw = random.next();
  return draw < 0.4 ? [item] : draw < 0.7 ? [status] : [item, status];
}
