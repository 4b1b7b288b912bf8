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

/** A sheet that was just made. */
export interface NewSheet {
  /** The sheet's id. */
  readonly sheetId: number;
  /** The columns' ids by their titles. */
  readonly columnIds: Readonly<Record<string, number>>;
}

/** What {@linkcode createSimulator} returns. Its functions need no `this`. */
export interface Simulator {
  /** Answers as the API does, under `/2.0`, and for what Smartsheet doesn't have, under `/_simulator`. Never rejects. */
  readonly fetch: (request: Request) => Promise<Response>;
  /**
   * Makes a sheet, as a person does, with columns of these titles; the first one is the primary one.
   *
   * @throws {Error} for a blank name, or no column
   */
  createSheet(name: string, titles: readonly string[]): NewSheet;
  /** Makes an edit as a person does, without a change agent. @throws {Error} for what can't be done */
  edit(edit: Edit): EditResult;
  /** What was sent to receivers so far, oldest first; 20,000 are kept. */
  deliveries(): Delivery[];
  /**
   * Resolves when nothing is pending for any webhook, or the clock has stopped. Retries may take hours: see `speed`.
   * Rejects with what `onDelivery` or `onStatus` has thrown meanwhile, so that an assertion in them fails its test.
   */
  idle(): Promise<void>;
  /** Lets the delivery clock go on. It runs from the beginning. */
  start(): void;
  /** Stops the delivery clock: what is in flight is cut, and sent again after `start`. The API still answers. */
  stop(): void;
}

/**
 * Plays Smartsheet: its API, and the callbacks of the webhooks that are made with it. Everything is in memory. It
 * contacts nothing but loopback.
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
