import { startPostgres } from "./postgres.ts"; import { execFileSync } from "node:child_process";
const server = await startPostgres();
for (const batch of [64, 256, 1]) console.log(batch, execFileSync(process.execPath, ["test/bench/postgres_accept.ts", JSON.stringify({ url: server.url, schema: "a" + batch, batch, rounds: 7, roundMs: 700 })], { encoding: "utf8" }).trim());
await server.end(); process.exit(0);
