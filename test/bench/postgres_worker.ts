/**
 * `postgres_worker.ts URL SCHEMA`: works a Postgres inbox with handlers that do nothing, and answers on stdout to what it is
 * asked on stdin: `start`, `stop`, `starts` (when handlers began, by nonce, since it was asked before).
 */
import { createInterface } from "node:readline";
import process from "node:process";
import { createReceiver } from "../../mod.ts";
import { postgresInbox } from "../../src/inbox/postgres.ts";
import { SECRET } from "./fixture.ts";

const [url, schema] = process.argv.slice(2);
const inbox = postgresInbox(url!, { schema });
const receiver = createReceiver({ secrets: SECRET, inbox });
let starts: Record<string, number> = {};
receiver.onCallback(() => {});
receiver.on("*.*", (_, { idempotencyKey, callback }) => {
  if (idempotencyKey.endsWith("/0")) starts[callback.nonce] = performance.timeOrigin + performance.now();
});
await inbox.check();
console.log("ready");

for await (const question of createInterface(process.stdin)) {
  if (question === "start") await receiver.start();
  if (question === "stop") await receiver.stop();
  console.log(question === "starts" ? JSON.stringify(starts) : question);
  starts = {};
}
