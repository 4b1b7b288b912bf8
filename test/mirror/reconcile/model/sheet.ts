// The sheet, in a simulator: what people do in it, and what is in it.
import { setImmediate } from "node:timers";
import type { Column, Row } from "../../../../src/api/sheet.ts";
import { createSimulator } from "../../../../src/simulator/simulator.ts";
import { createCalls } from "../../../support/simulated.ts";
import { OWN_COLUMN, OWN_ROW } from "./ledger.ts";
import type { Plan, PlannedEdit } from "./plan.ts";

/** A callback on its way. */
export interface OnItsWay {
  readonly url: string;
  readonly init: RequestInit;
}

export type ModelSheet = Awaited<ReturnType<typeof createModelSheet>>;

/**
 * @param now the clock of the receiver
 * @param challenged answers challenges
 */
export async function createModelSheet(
  { seed, rows, skewMs, assumptions }: Plan,
  { now, challenged }: {
    readonly now: () => number;
    readonly challenged: (request: OnItsWay) => Promise<Response>;
  },
) {
  const onTheWay: OnItsWay[] = [];
  const simulator = createSimulator({
    seed,
    debounceMs: 0,
    // Apart from the wait for a new row, which the model shortens.
    timeoutMs: 600_000,
    clockSkewMs: skewMs,
    assumptions,
    now,
    sleep: () => new Promise((resolve) => setImmediate(resolve)),
    async fetch(url, init) {
      if (new Headers(init.headers).has("Smartsheet-Hook-Challenge")) return await challenged({ url, init });
      onTheWay.push({ url, init });
      return new Response();
    },
  });
  const calls = createCalls(simulator);
  const text = (title: string, more = {}) => ({ title, type: "TEXT_NUMBER", ...more });
  const columns = [
    text("Item", { primary: true }),
    { title: "Status", type: "PICKLIST", options: ["Open", "Done"] },
    { title: "Done", type: "CHECKBOX" },
    text("Sum"),
    text(OWN_COLUMN),
  ];
  const { id } = (await calls.call("POST", "/2.0/sheets", { name: "Orders", columns })).result;
  const path = `/2.0/sheets/${id}`;
  for (let index = 0; index < rows; index++) edit({ edit: "add", item: "Rope", status: "Open", atTop: false }, [], []);
  const webhook = await calls.createWebhook(id);
  let columnCount = 0;

  /** All of it, without any trouble. */
  async function read(): Promise<{ readonly columns: Column[]; readonly rows: Row[] }> {
    const query = "include=objectValue,columnType,writerInfo&exclude=nonexistentCells&level=2";
    return await calls.call("GET", `${path}?${query}`);
  }

  /** The rows of people. */
  function isTheirs({ cells }: Row): boolean {
    return !cells.some(({ value }) => value === OWN_ROW);
  }

  async function make(planned: PlannedEdit): Promise<void> {
    const { columns, rows } = await read();
    await edit(planned, columns.filter(({ title }) => title !== OWN_COLUMN), rows.filter(isTheirs));
  }

  async function edit(planned: PlannedEdit, columns: readonly Column[], rows: readonly Row[]): Promise<void> {
    const sheetId = id;
    const rowOf = (nth: number) => rows[nth % rows.length]?.id;
    const others = columns.filter(({ primary }) => !primary);
    const columnOf = (nth: number) => `${path}/columns/${others[nth % others.length]?.id}`;
    const rowId = "row" in planned ? rowOf(planned.row) : undefined;
    if ("row" in planned && rowId === undefined) return;
    switch (planned.edit) {
      case "set": {
        const columnId = columns[planned.column % columns.length]!.id;
        simulator.edit({ sheetId, rowId, columnId, value: planned.value } as never);
        break;
      }
      case "add": {
        const cells = [{ column: "Item", value: planned.item }];
        if (columns.some(({ title }) => title === "Status")) cells.push({ column: "Status", value: planned.status });
        simulator.edit({ sheetId, cells, ...(planned.atTop && { toTop: true }) } as never);
        break;
      }
      case "blank":
        simulator.edit({ sheetId, cells: [] });
        break;
      case "empty":
        simulator.edit({ sheetId, rowId, cells: columns.map(({ id }) => ({ columnId: id, value: null })) } as never);
        break;
      case "delete":
        simulator.edit({ sheetId, rowId, delete: true } as never);
        break;
      case "move": {
        const other = rowOf(planned.other)!;
        const to = {
          top: { toTop: true },
          bottom: { toBottom: true },
          under: { parentId: other },
          below: { siblingId: other },
        }[planned.to];
        // A row can't go under itself.
        await calls.ask("POST", "/_simulator/edits", { sheetId, rowId, ...to });
        break;
      }
      case "result": {
        const sum = columns.find(({ title }) => title === "Sum");
        if (!sum) return;
        const cell = rows.find(({ id }) => id === rowId)!.cells.find(({ columnId }) => columnId === sum.id);
        // A formula first; then another result, which fires no event.
        const written = cell?.formula
          ? { value: planned.value, silent: true }
          : { formula: "=A1", value: planned.value };
        simulator.edit({ sheetId, rowId, columnId: sum.id, ...written } as never);
        break;
      }
      case "addColumn":
        await calls.call("POST", `${path}/columns`, [text(`New ${++columnCount}`, { index: columns.length })]);
        break;
      case "renameColumn": {
        if (!others.length) return;
        const [one, two] = [others[planned.column % others.length]!, others[(planned.column + 1) % others.length]!];
        await calls.call("PUT", `${path}/columns/${one.id}`, { title: `Other ${++columnCount}` });
        if (planned.swaps && one !== two) await calls.call("PUT", `${path}/columns/${two.id}`, { title: one.title });
        break;
      }
      case "removeColumn":
        if (others.length) await calls.ask("DELETE", columnOf(planned.column));
        break;
    }
  }

  return {
    id: id as number,
    webhook: webhook as { readonly id: number; readonly sharedSecret: string },
    simulator,
    calls,
    onTheWay,
    read,
    make,
    isTheirs,
    /** Rows that are there now. */
    async ids(): Promise<ReadonlySet<number>> {
      return new Set((await read()).rows.map(({ id }) => id));
    },
    enable: () => calls.enable(webhook.id),
    disable: () => calls.call("POST", `/_simulator/webhooks/${webhook.id}/status`, { status: "DISABLED_BY_OWNER" }),
  };
}
