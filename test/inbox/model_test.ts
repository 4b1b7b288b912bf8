// One model of the inbox's contract, and every kind of inbox: whatever is done in whatever order, both tell the same.
// MODEL_RUNS=5000 npm run -s test -- node inbox/model       the long form; MODEL_MS bounds the time of each kind
// MODEL_SEED=… MODEL_PATH=… MODEL_REPLAY=… (as a failing run prints them) repeats a run
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { test } from "node:test";
import { memoryInbox } from "../../src/inbox/memory.ts";
import { postgresInbox } from "../../src/inbox/postgres.ts";
import { createSqliteInbox } from "../../src/inbox/sqlite/inbox.ts";
import { createLog } from "../support/callbacks.ts";
import { openPostgres } from "../support/postgres.ts";
import { checkModel } from "./model/check_model.ts";

const WORKERS = 3;
const random = () => 0.5;
const logger = createLog();

test("an inbox in memory does what its contract says, whatever is done in whatever order", async () => {
  await checkModel(400, { canReopen: false }, async (clock) => {
    const inbox = memoryInbox({ now: () => clock.now, random });
    return { inboxes: Array.from({ length: WORKERS }, () => inbox), end: () => inbox.close() };
  });
});

test("an inbox in SQLite does what its contract says, whatever is done in whatever order", async () => {
  // No disk that syncs slowly, where there is one.
  const folder = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "sheethook-model-"));
  let files = 0;
  try {
    await checkModel(60, { canReopen: true, setBack: "moves" }, async (clock) => {
      const path = join(folder, `${++files}.db`);
      const open = () =>
        createSqliteInbox(path, {
          now: () => clock.now,
          elapsed: () => clock.elapsed,
          random,
          logger,
          checkPages: false,
        });
      const inboxes = Array.from({ length: WORKERS }, open);
      return {
        inboxes,
        async reopen(worker) {
          await inboxes[worker]!.close();
          inboxes[worker] = open();
        },
        async end() {
          for (const inbox of inboxes) await inbox.close();
          for (const end of ["", "-wal", "-shm"]) rmSync(`${path}${end}`, { force: true });
        },
      };
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("an inbox in Postgres does what its contract says, whatever is done in whatever order", async () => {
  const server = await openPostgres();
  const client = new pg.Client(server.url);
  let clock: { readonly now: number } = { now: 0 };
  // Forgets by the real clock, at any time: that isn't what this is about.
  const open = () => postgresInbox(server.url, { now: () => clock.now, random, logger, keepMs: 1e13 });
  const inboxes = Array.from({ length: WORKERS }, open);
  try {
    await client.connect();
    await inboxes[0]!.check();
    const { rows } = await client.query(
      "select string_agg(format('sheethook.%I', tablename), ', ') as names from pg_tables " +
        "where schemaname = 'sheethook' and tablename not in ('migrations', 'checks')",
    );
    await checkModel(20, { canReopen: true, setBack: "stays" }, async (given) => {
      await client.query(`truncate ${rows[0].names}`);
      clock = given;
      return {
        inboxes,
        async reopen(worker) {
          await inboxes[worker]!.close();
          inboxes[worker] = open();
        },
        async end() {},
      };
    });
  } finally {
    for (const inbox of inboxes) await inbox.close();
    await client.end();
    await server.end();
  }
});
