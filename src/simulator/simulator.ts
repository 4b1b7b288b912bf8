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
import {
  createSheet,
  type NewColumn,
  type NewRow,
  type NewSheet,
  newSheetView,
  parentOf,
  type SheetParent,
} from "./account/new_sheet.ts";
import type { Access } from "./account/sheet.ts";
import type { FaultName } from "./faults.ts";
import { parseSimulatorOptions, type SimulatorOptions } from "./options.ts";

export type { Logger } from "../logger.ts";
export type { DeliveryOutcome } from "./delivery/answer.ts";
export type { Assumptions } from "./assumptions.ts";
export type { Delivery } from "./delivery/log.ts";
export type { Edit, EditedCell, EditedPosition, EditedRow, EditedValue, EditResult } from "./account/edit.ts";
export type { AutoNumberFormat } from "./account/column.ts";
export type { NewColumn, NewRow, NewSheet, SheetParent } from "./account/new_sheet.ts";
export type { Change } from "./event.ts";
export { type FaultName, FAULTS } from "./faults.ts";
export type { Fetch, SimulatorOptions } from "./options.ts";
export type { Access, CellValue, Hyperlink, SheetRead } from "./account/sheet.ts";

/** The simulator, as {@linkcode createSimulator} returns it. Its functions need no `this`. */
export interface Simulator {
  /**
   * Answers the API under `/2.0`, and the simulator's own requests under `/_simulator`. Rejects only with the reason of the
   * request's signal, and never where a server calls it.
   */
  readonly fetch: (request: Request) => Promise<Response>;
  /**
   * Creates a sheet with these columns, given by title or with a type, and with rows; the first is the primary column.
   * Its rows cause no events. `parent` is the workspace or folder that it is in; by default it is in none. 20,000 rows of 25 columns take about a second.
   *
   * @throws {Error} for a blank name, no column, or a column that can't be
   */
  createSheet(
    name: string,
    columns: readonly (string | NewColumn)[],
    rows?: Iterable<NewRow>,
    parent?: SheetParent,
  ): NewSheet;
  /** Creates a workspace. @returns its id. @throws {Error} for a blank name */
  createWorkspace(name: string): number;
  /** Creates a folder in a workspace or a folder. @returns its id. @throws {Error} for a blank name or an unknown parent */
  createFolder(name: string, parent: SheetParent): number;
  /** Makes an edit as a person does, without a change agent. @throws {Error} for an edit that isn't possible */
  edit(edit: Edit): EditResult;
  /**
   * Changes what a user may do with a sheet; everybody is `OWNER` before. The default user of all tokens is
   * `owner@example.com`: see the option `users`. A webhook whose owner has `NONE` is disabled until access is back.
   *
   * @throws {Error} for an unknown sheet
   */
  setAccess(sheetId: number, user: string, access: Access): void;
  /**
   * Makes a webhook, or all webhooks of a sheet, silent: it stays `ENABLED` and sends no callbacks, except for challenges.
   * Events that happen meanwhile, or that it hasn't sent yet, are never sent.
   *
   * @param id a webhook's or a sheet's
   * @throws {Error} for an unknown id
   */
  setSilent(id: number, isSilent: boolean): void;
  /**
   * Makes a fault occur the next `times` times, whatever its rate; 0 ends it. With `after`, it leaves out as many occasions
   * before: `failNext("rate-limit", 1, { after: 2 })` answers the third request with 429.
   *
   * @default `times` is 1, `after` is 0
   * @throws {SheethookError} `option_invalid`
   */
  failNext(fault: FaultName, times?: number, options?: { readonly after?: number | undefined }): void;
  /** Returns the deliveries to receivers, oldest first; the last 20,000 are kept. */
  deliveries(): Delivery[];
  /**
   * Resolves when nothing is pending for any webhook, or the clock is stopped. Retries may take hours: see `speed`.
   * Rejects with an error that `onDelivery`, `onStatus` or `onRead` has thrown, so that a failed assertion fails the test.
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
  const { sheets, users, settings } = account;
  const { start, stop } = account.webhooks.deliveries;
  return {
    async fetch(request) {
      const response = await app.fetch(request);
      // As any fetch does; requests to a server have a Host.
      if (!request.headers.has("host")) request.signal.throwIfAborted();
      return response;
    },
    createSheet: (name, columns, rows = [], parent) => newSheetView(createSheet(name, columns, rows, account, parent)),
    createWorkspace: (name) => account.containers.create("workspace", name).id,
    createFolder: (name, parent) => account.containers.create("folder", name, parentOf(parent, account).id).id,
    edit: (edit) => makeEdit(edit, account),
    setAccess: (sheetId, user, access) => sheets.setAccess(sheets.get(sheetId), users.ofEmail(user).id, access),
    setSilent: account.webhooks.setSilent,
    failNext: (fault, times = 1, { after = 0 } = {}) => settings.failNext(fault, times, after),
    deliveries: account.log.list,
    idle: account.activity.idle,
    start,
    stop,
  };
}
