import { createAccount } from "./account.ts";
import { createApp } from "./app.ts";
import type { Delivery } from "./delivery_log.ts";
import { type Edit, type EditResult, makeEdit } from "./edit.ts";
import { parseSimulatorOptions, type SimulatorOptions } from "./options.ts";

export type { Logger } from "../logger.ts";
export type { Verdict } from "./answer.ts";
export type { Assumptions } from "./assumptions.ts";
export type { Delivery } from "./delivery_log.ts";
export type { Edit, EditedCell, EditResult } from "./edit.ts";
export type { Change } from "./event.ts";
export type { FaultName } from "./faults.ts";
export type { Fetch, SimulatorOptions } from "./options.ts";
export type { CellValue } from "./sheet.ts";

/** What {@linkcode createSimulator} returns. Its functions need no `this`. */
export interface Simulator {
  /** Answers as the API does, under `/2.0`, and for what Smartsheet doesn't have, under `/_simulator`. Never rejects. */
  readonly fetch: (request: Request) => Promise<Response>;
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
 *
 * @example
 * ```ts
 * import { createSimulator } from "sheethook/simulator";
 *
 * const simulator = createSimulator({ debounceMs: 10 });
 * const response = await simulator.fetch(
 *   new Request("http://localhost/2.0/sheets", {
 *     method: "POST",
 *     headers: { authorization: "Bearer any" },
 *     body: JSON.stringify({ name: "Orders", columns: [{ title: "Item", primary: true }] }),
 *   }),
 * );
 * const { result } = await response.json();
 * simulator.edit({ sheetId: result.id, cells: [{ column: "Item", value: "Rope" }] });
 * ```
 */
export function createSimulator(options: SimulatorOptions = {}): Simulator {
  const account = createAccount(parseSimulatorOptions(options));
  const app = createApp(account);
  const { start, stop } = account.webhooks.deliveries;
  return {
    fetch: async (request) => app.fetch(request),
    edit: (edit) => makeEdit(edit, account),
    deliveries: account.log.list,
    idle: account.activity.idle,
    start,
    stop,
  };
}
