// A sheet, an inbox, the processes that work it one after another, and handlers that keep account of what they are told.
import { createApi } from "../../../../src/api/api.ts";
import { ApiError } from "../../../../src/api/api_error.ts";
import type { Inbox } from "../../../../src/inbox/inbox.ts";
import type { InspectableInbox } from "../../../../src/inbox/inspect.ts";
import type { ChangesApi } from "../../../../src/mirror/api_port.ts";
import type { Change } from "../../../../src/mirror/change.ts";
import { createRowWrites } from "../../../../src/mirror/row_writes.ts";
import { rowFromJson } from "../../../../src/mirror/stored_row.ts";
import type { Context } from "../../../../src/dispatch/context.ts";
import { createLog } from "../../../support/callbacks.ts";
import { createLedger, type KnownRow, OWN_COLUMN, OWN_ROW } from "./ledger.ts";
import { createModelProcess, type Hooks, type ModelProcess, type Port } from "./process.ts";
import { createModelSheet, type OnItsWay } from "./sheet.ts";
import type { Plan, Trap, Trouble } from "./plan.ts";
import { type LeftOut, sparseAnswer, troubledAnswer } from "./troubled_answer.ts";

/** An inbox that a world is given; for each process, it is opened anew. */
export interface ModelInboxes {
  open(clock: { readonly now: number }): Promise<Inbox & InspectableInbox>;
}

const START = Date.UTC(2026, 0, 1);
const LEASE_MS = 20_000;
const API_URL = "http://127.0.0.1/2.0";
let worlds = 0;

export type ModelWorld = Awaited<ReturnType<typeof createModelWorld>>;

export async function createModelWorld(plan: Plan, inboxes: ModelInboxes, clock: { now: number }) {
  const now = () => clock.now;
  clock.now = Math.max(clock.now, START);
  const token = `token-${++worlds}`;
  const log = createLog();
  const traps: { readonly trap: Trap; left: number }[] = [];
  const leftOut: LeftOut = new Map();
  const opened: (Inbox & InspectableInbox)[] = [];
  const processes: ModelProcess[] = [];
  const requests: string[] = [];
  const violations: Error[] = [];
  let calls = 0;
  let fails = 0;
  let process: ModelProcess;
  const sheet = await createModelSheet(plan, { now, challenged: (request) => send(request) });
  let ids = await sheet.ids();
  const ledger = createLedger((rowId) => ids.has(rowId));
  const plainApi = createApi({ token, apiUrl: API_URL, fetch: sheet.simulator.fetch, now, sleep, logger: log });
  const otherInbox = await inboxes.open(clock);
  opened.push(otherInbox);
  const otherWrites = createRowWrites({ api: plainApi, mirror: otherInbox.mirror, isTold: false })({
    changeAgent: "ours",
    signal: new AbortController().signal,
    confirm() {},
    sheet: undefined,
  });

  async function sleep(ms: number): Promise<void> {
    clock.now += ms;
  }

  /** The traps that this call falls into. */
  function caughtBy(kind: "api" | "inbox"): readonly Trap[] {
    return traps.filter((each) => (each.trap.port === "any" || each.trap.port === kind) && each.left-- === 0)
      .map((each) => traps.splice(traps.indexOf(each), 1)[0]!.trap);
  }

  async function happen({ what }: Trap, at: ModelProcess): Promise<void> {
    switch (what.trouble) {
      case "edits":
        for (const edit of what.edits) await sheet.make(edit);
        break;
      case "kill":
        at.kill();
        if (!what.isZombie) dead.add(at);
        break;
      case "wakeZombies":
        for (const each of processes) if (each !== at && each.isDead && !dead.has(each)) each.wake();
        break;
      case "ownWrite":
        await ownWrite(what);
        break;
    }
  }

  /** As a handler of another sheet does, whose lane runs beside this one. */
  async function ownWrite({ row, value }: Trouble & { readonly trouble: "ownWrite" }): Promise<void> {
    const { rows, columns } = await sheet.read();
    const theirs = rows.filter(sheet.isTheirs);
    const { id } = theirs[row % theirs.length] ?? {};
    if (id === undefined || !columns.some(({ title }) => title === OWN_COLUMN)) return;
    await otherWrites.updateRow({ id, sheetId: sheet.id }, { [OWN_COLUMN]: value });
  }

  const dead = new Set<ModelProcess>();
  let atApi: readonly Trap[] = [];

  function hooks(kind: "api" | "inbox"): Hooks {
    let caught: readonly Trap[] = [];
    return {
      async before(at) {
        if (at !== process) return;
        caught = caughtBy(kind);
        if (kind === "api") atApi = caught;
        for (const trap of caught) if (trap.when === "before") await happen(trap, at);
      },
      async behind(at) {
        for (const trap of caught) if (trap.when === "behind") await happen(trap, at);
      },
    };
  }

  function apiOf(port: Port): ChangesApi {
    const api = createApi({
      token,
      apiUrl: API_URL,
      now,
      sleep,
      logger: log,
      attempts: 1,
      fetch: (request) =>
        port("api", async () => {
          const { pathname, searchParams } = new URL(request.url);
          requests.push(`${request.method} ${pathname} ${searchParams}`);
          const troubles = atApi.map(({ what }) => what);
          atApi = [];
          for (const what of troubles) {
            if (what.trouble === "status") return Response.json({ errorCode: 4000 }, { status: what.status });
          }
          let response = await sheet.simulator.fetch(request);
          if (request.method !== "GET") return response;
          for (const what of troubles) response = await troubledAnswer(response, what, leftOut);
          return await sparseAnswer(response, plan);
        }),
    });
    const pages: ChangesApi["sheets"]["pages"] = (sheetId, query) =>
      api.sheets.pages(sheetId, { ...query, pageSize: Math.min(query.pageSize, plan.pageSize) });
    const scan: ChangesApi["sheets"]["scan"] = (sheetId, query, onRows) =>
      api.sheets.scan(sheetId, { ...query, pageSize: Math.min(query.pageSize ?? 2000, plan.pageSize) }, onRows);
    return { rows: api.rows, sheets: { ...api.sheets, pages, scan } };
  }

  async function knownRows(inbox: Inbox): Promise<Map<number, KnownRow>> {
    const rows = await inbox.mirror.rowsAfter(sheet.id, 0, 10_000);
    return new Map(rows.map(({ id, json }) => {
      return [id, new Map([...rowFromJson(json).cells].map(([column, { value }]) => [column, value]))];
    }));
  }

  /** A handler that throws would be called again, so what it finds wrong is kept. */
  function verify(check: () => void): void {
    try {
      check();
    } catch (error) {
      violations.push(error as Error);
    }
  }

  async function handle(change: Change, context: Context): Promise<void> {
    ids = await sheet.ids();
    verify(() => ledger.tell(change, context.idempotencyKey));
    if (plan.failEvery && ++calls % plan.failEvery === 0) throw new Error(`Handler fails, ${++fails}`);
    if (plan.writes && change.kind !== "deleted") await write(change, context);
  }

  async function write({ row, sheet: { columns } }: Change, context: Context): Promise<void> {
    const { Item, Status } = row.cells;
    if (!columns.some(({ title }) => title === "Item")) return;
    const open = Item === "spawn" ? "add" : `${row.id}`;
    if (["write", "spawn"].includes(String(Item))) ledger.openWrites.add(open);
    try {
      if (Item === "write") await context.updateRow(row, { [OWN_COLUMN]: `of ${Status}` });
      if (Item === "spawn") await context.addRows(row.sheetId, [{ Item: OWN_ROW, [OWN_COLUMN]: "new" }]);
      if (Item === "clean") {
        const { rows } = await sheet.read();
        const own = rows.filter((each) => !sheet.isTheirs(each)).map(({ id }) => id);
        if (own.length) await context.deleteRows(row.sheetId, own);
      }
      // What an attempt that was killed has written may be known to nobody.
      if (context.attempt === 1) ledger.openWrites.delete(open);
    } catch (error) {
      // The row is gone, or the column.
      if (!(error instanceof ApiError && error.status === 404) && (error as Error).name !== "SheethookError") {
        throw error;
      }
    }
  }

  async function newProcess(): Promise<void> {
    const inbox = await inboxes.open(clock);
    opened.push(inbox);
    const own = createModelProcess({
      inbox,
      hooks,
      apiOf,
      options: {
        secrets: sheet.webhook.sharedSecret,
        changeAgent: "ours",
        apiUrl: API_URL,
        logger: log,
        attempts: 10_000,
        acceptTimeoutMs: 600_000,
        random: () => 0.5,
        now,
      },
      async wrote(nonce) {
        const mirrored = await inbox.mirror.sheet(sheet.id);
        if (!ledger.hasBegun && mirrored?.isWhole) ledger.begin(await knownRows(inbox), nonce ?? "");
      },
    });
    own.receiver.onChange(handle);
    own.receiver.onGap((gap, { callback }) => verify(() => ledger.tellGap(gap, callback.nonce)));
    processes.push(process = own);
  }

  /** The process that isn't dead. */
  async function living(): Promise<ModelProcess> {
    if (process.isDead) {
      clock.now += LEASE_MS + 1;
      await newProcess();
    }
    return process;
  }

  async function send({ url, init }: OnItsWay): Promise<Response> {
    const own = await living();
    const lost = new Response(null, { status: 504 });
    return await Promise.race([own.receiver.fetch(new Request(url, init)), own.killed.then(() => lost)]);
  }

  await newProcess();
  await sheet.enable();

  return {
    clock,
    sheet,
    ledger,
    log,
    requests,
    violations,
    inbox: otherInbox,
    living,
    send,
    arm: (trap: Trap) => void traps.push({ trap, left: trap.after }),
    disarm: () => void traps.splice(0),
    /** Ends the processes that only stood still; what they had begun may go on for a moment. */
    async endZombies() {
      for (const each of processes) if (each !== process) await each.idle();
    },
    async end() {
      sheet.simulator.stop();
      await Promise.all(processes.map((each) => each.end()));
      await Promise.all(opened.map((inbox) => inbox.close()));
    },
  };
}
