import type { Context } from "../../src/dispatch/context.ts";
import { Discard, RetryLater, Skip } from "../../src/errors.ts";
import type { Change } from "../../src/mirror/change.ts";
import type { Receiver } from "../../src/receiver.ts";
import type { Random } from "../soak/random.ts";
import type { CallOfHandler, FailedBy, History } from "./history.ts";
import type { Process } from "./process.ts";
import { API_URL, OWN_COLUMN, type WatchedSheet } from "./smartsheet.ts";
import type { Weather } from "./weather.ts";

interface Options {
  readonly process: Process;
  readonly random: Random;
  readonly history: History;
  readonly weather: Weather;
  /** How often a call writes, from 0 to 1. */
  readonly ownWrites: () => number;
  readonly sheetOf: (id: number) => WatchedSheet;
  /** Called when a handler of the process hangs. */
  readonly onHang: (process: Process) => void;
}

/** What the items of rows that our handlers add are called. */
const OWN_ITEM = "ours";

/** Registers handlers that work as users' do: they take time, fail, hang, throw nonsense, have steps and write back. */
export function registerHandlers(receiver: Receiver, options: Options): void {
  const { process, random, history, weather, ownWrites, sheetOf, onHang } = options;
  const wantsToWrite = () => random.chance(ownWrites());

  async function handle(
    handler: string,
    sheet: number,
    context: Context,
    work: () => Promise<void>,
    changeAgent?: string,
  ): Promise<void> {
    const { attempt, signal } = context;
    const key = keyOf(context);
    const agent = changeAgent === undefined ? {} : { changeAgent };
    const call: CallOfHandler = { process: process.name, sheet, key, handler, attempt, ...agent };
    const onAbort = () => history.add({ what: "aborts", ...call });
    let by: FailedBy = "api";
    signal.addEventListener("abort", onAbort);
    history.add({ what: "begins", ...call });
    try {
      if (random.chance(0.7)) await process.gate(`handler ${handler}`, () => {});
      await work();
      if (random.chance(weather.rate("hang") / 40)) {
        by = "signal";
        await hang(signal);
      }
      const thrown = misbehaviour(handler);
      if (thrown) {
        by = thrown.by;
        throw thrown.error;
      }
      history.add({ what: "ends", ...call });
    } catch (error) {
      history.add({ what: "fails", by, ...call });
      throw error;
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
  }

  function misbehaviour(handler: string): { readonly by: FailedBy; readonly error: unknown } | undefined {
    if (random.chance(weather.rate("throw") / 2)) return { by: "error", error: random.pick(NONSENSE)() };
    if (!random.chance(weather.rate("verdicts") / 3)) return undefined;
    const draw = random.next();
    if (draw < 0.5) return { by: "retry later", error: new RetryLater(random.between(0, 600_000)) };
    // Changes that nobody is told of any more can't be followed.
    return draw < 0.8 || handler !== "callback"
      ? { by: "skip", error: new Skip() }
      : { by: "discard", error: new Discard() };
  }

  function hang(signal: AbortSignal): Promise<never> {
    onHang(process);
    history.add({ what: "fault", text: `a handler of ${process.name} hangs` });
    const heeds = random.chance(0.5);
    return new Promise((_, reject) => heeds && signal.addEventListener("abort", () => reject(signal.reason)));
  }

  async function step(context: Context, handler: string, name: string, work = async () => {}): Promise<void> {
    const key = `${handler} ${keyOf(context)}`;
    const result = await context.step(name, async () => {
      const result = String(random.next());
      history.add({ what: "step runs", key, name, result });
      await process.gate("step", work);
      return result;
    });
    history.add({ what: "step recorded", key, name, result });
  }

  const api = (context: Context, method: string, path: string, json: unknown) => {
    const headers = { authorization: "Bearer ours", "content-type": "application/json" };
    const late = new AbortController();
    setTimeout(() => late.abort(), 60_000);
    return context.fetch(`${API_URL}${path}`, { method, headers, body: JSON.stringify(json), signal: late.signal });
  };

  receiver.on("row.*", function row(event, context) {
    const sheet = sheetOf(context.callback.scopeObjectId);
    return handle("row", sheet.id, context, async () => {
      if (random.chance(0.5)) await step(context, "row", "row");
      if (event.eventType !== "updated" || !wantsToWrite()) return;
      const columnId = sheet.columnIds[OWN_COLUMN];
      await api(context, "PUT", `/sheets/${sheet.id}/rows`, [{
        id: event.id,
        cells: [{ columnId, value: "fetched" }],
      }]);
    }, event.changeAgent ?? "");
  });

  // It answers at once.
  receiver.on(["cell.*", "comment.created"], function quick(event, context) {
    const { attempt, callback: { scopeObjectId: sheet } } = context;
    const key = keyOf(context);
    const call = { process: process.name, sheet, key, handler: "quick", attempt, changeAgent: event.changeAgent ?? "" };
    history.add({ what: "begins", ...call });
    if (random.chance(weather.rate("throw") / 10)) {
      history.add({ what: "fails", by: "error", ...call });
      throw new Error("fails at once");
    }
    history.add({ what: "ends", ...call });
  });

  receiver.onChange(function change(changed: Change, context: Context) {
    const { kind, source, row, columns, sheet: { id: sheet }, events } = changed;
    const told = {
      kind,
      source,
      sheet,
      row: row.id,
      cells: row.cells,
      agents: events.map((event) => event.changeAgent ?? ""),
    };
    const differences = columns.map(({ title, from, to }) => ({ title, from, to }));
    history.add({ what: "told", key: keyOf(context), change: { ...told, columns: differences } });
    return handle("change", sheet, context, async () => {
      if (kind === "deleted" || !wantsToWrite()) return;
      await step(context, "change", "ticket");
      const draw = random.next();
      if (draw < 0.6) await context.updateRow(row, { [OWN_COLUMN]: `T-${context.idempotencyKey}` });
      else if (row.cells["Item"] === OWN_ITEM) {
        history.add({ what: "row deleted", sheet, row: row.id, by: "us" });
        await context.deleteRows(sheet, [row.id]);
      } else if (draw < 0.8) {
        const [added] = await context.addRows(sheet, [{ Item: OWN_ITEM, Status: "Open" }]);
        if (added !== undefined) sheetOf(sheet).rows.push(added);
      }
    });
  });

  receiver.onGap(function gap({ sheet: { id: sheet }, created, updated, deleted }, context) {
    history.add({ what: "told of a gap", key: keyOf(context), gap: { sheet, created, updated, deleted } });
    return handle("gap", sheet, context, async () => {});
  });

  receiver.onCallback(function callback({ scopeObjectId }, context) {
    return handle("callback", scopeObjectId, context, async () => {
      if (random.chance(0.3)) await step(context, "callback", "bulk");
    });
  });

  receiver.onStatus(function status({ scopeObjectId }, context) {
    return handle("status", scopeObjectId, context, async () => {});
  });
}

/** With the number of events: a retry into which others were merged may have the same nonce. */
function keyOf({ idempotencyKey, callback }: Context): string {
  return `${idempotencyKey}@${callback.events?.length ?? 0}`;
}

const NONSENSE: readonly (() => unknown)[] = [
  () => new Error("fails"),
  () => "nonsense",
  () => undefined,
  () => null,
  () => ({ code: 7 }),
  () => new TypeError("x is not a function"),
  () => Symbol("nonsense"),
  () => Object.create(null),
  () => Proxy.revocable({}, {}).revoke,
];
