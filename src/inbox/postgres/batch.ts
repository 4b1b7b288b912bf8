import { setImmediate } from "node:timers";
import { isAboutValues, isBroken } from "./problems.ts";

/** Whether an item may go with those that it was asked about before. */
export type Fits<Item> = (item: Item) => boolean;

/**
 * Runs items in batches: all that arrived while the batch before ran, without waiting for more. An item that doesn't fit goes
 * with a later batch; the first always fits.
 *
 * When a batch fails because Postgres is away, all that wait behind it fail, too. One that fails because of a value is
 * run again item by item, so that only that one fails.
 *
 * @param newBatch makes the check for one batch
 * @param run gives a result for each item; an `Error` rejects that item alone
 */
export function createBatches<Item, Result>(
  newBatch: () => Fits<Item>,
  run: (batch: readonly Item[]) => Promise<readonly (Result | Error)[]>,
): (item: Item) => Promise<Result> {
  interface Waiting {
    readonly item: Item;
    readonly resolve: (result: Result) => void;
    readonly reject: (error: unknown) => void;
  }
  let waiting: Waiting[] = [];
  let isWorking = false;

  async function work(): Promise<void> {
    while (waiting.length) {
      const fits = newBatch();
      const chosen = new Set(waiting.filter(({ item }) => fits(item)));
      waiting = waiting.filter((each) => !chosen.has(each));
      await runBatch([...chosen]);
    }
    isWorking = false;
  }

  async function runBatch(batch: readonly Waiting[]): Promise<void> {
    try {
      const results = await run(batch.map(({ item }) => item));
      for (const [index, { resolve, reject }] of batch.entries()) {
        const result = results[index]!;
        if (result instanceof Error) reject(result);
        else resolve(result);
      }
    } catch (error) {
      if (batch.length > 1 && isAboutValues(error)) {
        for (const each of batch) await runBatch([each]);
        return;
      }
      const behind = isBroken(error) ? waiting.splice(0) : [];
      for (const { reject } of [...batch, ...behind]) reject(error);
    }
  }

  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      if (isWorking) return;
      isWorking = true;
      setImmediate(work);
    });
}
