/**
 * `postgres_accept.ts OPTIONS`: takes callbacks into a Postgres inbox, batch by batch, in turns with graphile-worker's bare
 * `addJobs`, on the runtime that runs it, and writes one line of JSON: a `Ratio` of callbacks per second.
 */
import { makeWorkerUtils } from "graphile-worker";
import process from "node:process";
import { postgresInbox } from "../../src/inbox/postgres.ts";
import { BODY } from "./fixture.ts";
import { freshCallback } from "./fresh_callback.ts";
import { ratioOf, rounds } from "./rounds.ts";

export interface PostgresAcceptOptions {
  readonly url: string;
  readonly schema: string;
  readonly batch: number;
  readonly rounds: number;
  readonly roundMs: number;
}

const options = JSON.parse(process.argv[2]!) as PostgresAcceptOptions;
const { url, schema, batch, roundMs } = options;
const inbox = postgresInbox(url, { schema });
const utils = await makeWorkerUtils({ connectionString: url, schema: `${schema}_jobs` });
await utils.migrate();
const payload = JSON.parse(BODY);

const { ours, theirs } = await rounds({
  ours: () => rateOf(() => Promise.all(Array.from({ length: batch }, () => inbox.put(freshCallback(64))))),
  theirs: () => rateOf(() => utils.addJobs(Array.from({ length: batch }, () => ({ identifier: "callback", payload })))),
}, options.rounds + 1);
// The first round is for warming up.
console.log(JSON.stringify(ratioOf(ours.slice(1), theirs.slice(1))));
process.exit(0);

async function rateOf(run: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  let count = 0;
  while (performance.now() - startedAt < roundMs) {
    await run();
    count += batch;
  }
  return count / ((performance.now() - startedAt) / 1000);
}
