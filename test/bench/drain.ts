/**
 * `drain.ts OPTIONS`: works a large inbox off, slice by slice, in turns with a small one, on the runtime that runs it, and
 * writes one line of JSON: a `Ratio` of callbacks per second.
 */
import { join } from "node:path";
import process from "node:process";
import { DatabaseSync } from "node:sqlite";
import { createReceiver } from "../../mod.ts";
import { sqliteInbox } from "../../src/inbox/sqlite.ts";
import { sink } from "./contenders/sink.ts";
import { fillInbox, makeFilledInbox } from "./filled_inbox.ts";
import { SECRET } from "./fixture.ts";
import { ratioOf, rounds } from "./rounds.ts";

export interface DrainOptions {
  readonly folder: string;
  /** The large inbox. The small one has a hundredth of it, again and again. */
  readonly callbacks: number;
  readonly lanes: number;
  /** In so many slices. */
  readonly rounds: number;
}

const options = JSON.parse(process.argv[2]!) as DrainOptions;
const large = { state: "pending", callbacks: options.callbacks, lanes: options.lanes } as const;
const small = { state: "pending", callbacks: options.callbacks / 100, lanes: options.lanes / 100 } as const;
const slice = Math.ceil(options.callbacks / options.rounds);
const largeFile = join(options.folder, `${process.pid}-many.db`);
const smallFile = join(options.folder, `${process.pid}-few.db`);

await makeFilledInbox(largeFile, large);
await makeFilledInbox(smallFile, small);
const filler = new DatabaseSync(smallFile);
const drainLarge = createDrain(largeFile);
const drainSmall = createDrain(smallFile);
await drainSmall();

const { many, few } = await rounds({
  many: async () => rateOf(await drainLarge(slice)),
  few: async () => {
    const drained: Drained[] = [];
    for (let worked = 0; worked < slice; worked += small.callbacks) {
      fillInbox(filler, small);
      drained.push(await drainSmall());
    }
    return rateOf(...drained);
  },
}, options.rounds);
console.log(JSON.stringify(ratioOf(many, few)));
process.exit(0);

interface Drained {
  readonly callbacks: number;
  readonly ms: number;
}

function rateOf(...drained: readonly Drained[]): number {
  const sum = (of: keyof Drained) => drained.reduce((total, each) => total + each[of], 0);
  return sum("callbacks") / (sum("ms") / 1000);
}

/** Works `count` callbacks of a file, or all that it owes; and those that run side by side with the last one. */
function createDrain(path: string): (count?: number) => Promise<Drained> {
  const inbox = sqliteInbox(path);
  const receiver = createReceiver({ secrets: SECRET, inbox });
  let left = 0;
  let end = () => {};
  receiver.on("*.*", sink.onEvent);
  receiver.onCallback(() => {
    if (--left === 0) end();
  });
  return async (count = Infinity) => {
    const { pending } = await inbox.overview();
    const wanted = left = Math.min(count, pending);
    const enough = new Promise<void>((resolve) => end = resolve);
    const startedAt = performance.now();
    await receiver.start();
    await enough;
    await receiver.stop();
    return { callbacks: wanted - left, ms: performance.now() - startedAt };
  };
}
