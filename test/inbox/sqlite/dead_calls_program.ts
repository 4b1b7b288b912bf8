// Saves dead calls of one callback, each with an error of its own, until it is killed or told how many. Says what is saved.
import process from "node:process";
import { setTimeout as wait } from "node:timers/promises";
import { sqliteInbox } from "../../../src/inbox/sqlite.ts";
import { acceptedCallback } from "../../support/callbacks.ts";

const [file, count = "Infinity"] = process.argv.slice(2) as [string, string?];
const inbox = sqliteInbox(file);
await inbox.put(acceptedCallback());
const [lease] = await inbox.lease(1, 3_600_000);
const work = (await inbox.take(lease!))!;
const callAt = (event: number) => ({ event, handler: 0, fingerprint: "f" });
const deadAt = (event: number) => ({
  call: callAt(event),
  handler: "row.* save#1",
  attempt: 1,
  error: `Error: no ${event}\n${"x".repeat(3900)}`,
});

/** Until it is saved, as a worker does it. */
async function insist(save: () => Promise<unknown>): Promise<void> {
  while (true) {
    try {
      await save();
      return;
    } catch (error) {
      console.log(`refused: ${(error as Error).message}`);
      await wait(50);
    }
  }
}

for (let event = 0; event < Number(count); event++) {
  await insist(() =>
    inbox.saveProgress(lease!, work, { position: callAt(event + 1), attempt: 1, ended: [deadAt(event)] })
  );
  console.log(`saved ${event + 1}`);
}
await insist(() => inbox.finish(lease!, work, { kind: "dead" }));
await inbox.close();
console.log("ended");
