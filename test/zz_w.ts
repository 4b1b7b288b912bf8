import { postgresInbox } from "../src/inbox/postgres.ts";
import { startPostgres } from "./postgres.ts";
import { startChild } from "./bench/child.ts";
import { freshCallback } from "./bench/fresh_callback.ts";
const server = await startPostgres();
const inbox = postgresInbox(server.url, { schema: "w" });
const child = startChild("node", "test/bench/postgres_worker.ts", [server.url, "w"]);
console.log(await child.line());
console.log(await child.ask("start"));
const answered: [string, number][] = [];
for (let i = 0; i < 40; i++) {
  const c = freshCallback(64);
  await inbox.put(c);
  answered.push([c.nonce, performance.timeOrigin + performance.now()]);
  await new Promise((r) => setTimeout(r, 50));
}
await new Promise((r) => setTimeout(r, 1000));
const line = await child.ask("starts");
console.log(line.slice(0, 200));
console.log(await inbox.stats());
const starts = JSON.parse(line);
console.log(answered.map(([n, at]) => (starts[n] - at).toFixed(1)).join(" "));
await child.stop();
await inbox.close();
await server.end();
process.exit(0);
