/**
 * `sheethook/simulator`: plays Smartsheet, its API and its callbacks, in one process.
 *
 * @example
 * ```ts
 * import { createSimulator } from "sheethook/simulator";
 *
 * const simulator = createSimulator({ debounceMs: 10 });
 * const { sheetId } = simulator.createSheet("Orders", ["Item", "State"]);
 * const { rowIds } = simulator.edit({ sheetId, cells: [{ column: "Item", value: "Rope" }] });
 * const response = await simulator.fetch(
 *   new Request(`http://localhost/2.0/sheets/${sheetId}/rows/${rowIds[0]}`, {
 *     headers: { authorization: "Bearer any" },
 *   }),
 * );
 * console.log((await response.json()).cells[0].value); // Rope
 * ```
 *
 * @module
 */
import { createAccount } from "./account/account.ts";
import { createApp } from "./http/app.ts";
import type { Delivery } from "./delivery/log.ts";
import type { Edit, EditResult } from "./account/edit.ts";
import { makeEdit } from "./account/make_edit.ts";
import { parseSimulatorOptions, type SimulatorOptions } from "./options.ts";

export type { Logger } from "../logger.ts";
export type { DeliveryOutcome } from "./delivery/answer.ts";
export type { Assumptions } from "./assumptions.ts";
export type { Delivery } from "./delivery/log.ts";
export type { Edit, EditedCell, EditResult } from "./account/edit.ts";
export type { Change } from "./event.ts";
export { type FaultName, FAULTS } from "./faults.ts";
export type { Fetch, SimulatorOptions } from "./options.ts";
export type { CellValue } from "./account/sheet.ts";

/** A new sheet. */
export interface NewSheet {
  /** The sheet's id. */
  readonly sheetId: number;
  /** Column ids by title. */
  readonly columnIds: Readonly<Record<string, number>>;
}

/** The simulator, as {@linkcode createSimulator} returns it. Its functions need no `this`. */
export interface Simulator {
  /** Answers the API under `/2.0`, and the simulator's own requests under `/_simulator`. Never rejects. */
  readonly fetch: (request: Request) => Promise<Response>;
  /**
   * Creates a sheet with columns of these titles; the first is the primary column.
   *
   * @throws {Error} for a blank name, or no column
   */
  createSheet(name: string, titles: readonly string[]): NewSheet;
  /** Makes an edit as a person does, without a change agent. @throws {Error} for an edit that isn't possible */
  edit(edit: Edit): EditResult;
  /** Returns the deliveries to receivers, oldest first; the last 20,000 are kept. */
  deliveries(): Delivery[];
  /**
   * Resolves when nothing is pending for any webhook, or the clock is stopped. Retries may take hours: see `speed`.
   * Rejects with an error that `onDelivery` or `onStatus` has thrown, so that a failed assertion fails the test.
   */
  idle(): Promise<void>;
  /** Starts the delivery clock again after `stop`. It runs from the beginning. */
  start(): void;
  /** Stops the delivery clock: deliveries in flight are aborted, and sent again after `start`. The API still answers. */
  stop(): void;
}

/**
 * Simulates Smartsheet: its API, and the callbacks of webhooks created through it. Everything is in memory. It sends
 * requests to loopback only.
 *
 * @throws {SheethookError} `option_invalid`
 */
export function createSimulator(options: SimulatorOptions = {}): Simulator {
  const account = createAccount(parseSimulatorOptions(options));
  const app = createApp(account);
  const { start, stop } = account.webhooks.deliveries;
  return {
    fetch: async (request) => app.fetch(request),
    createSheet(name, titles) {
      const columns = titles.map((title, index) => ({ title, primary: index === 0 }));
      const sheet = account.sheets.create({ name, columns });
      const columnIds = Object.fromEntries(sheet.columns.map(({ title, id }) => [title, id]));
      return { sheetId: sheet.id, columnIds };
    },
    edit: (edit) => makeEdit(edit, account),
    deliveries: account.log.list,
    idle: account.activity.idle,
    start,
    stop,
  };
}
