import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { memoryInbox } from "../../../src/inbox/memory.ts";
import { postgresInbox } from "../../../src/inbox/postgres.ts";
import { createSqliteInbox } from "../../../src/inbox/sqlite/inbox.ts";
import { createLog } from "../../support/callbacks.ts";
import { openPostgres } from "../../support/postgres.ts";
import { checkPlans } from "./model/check_plans.ts";

const random = () => 0.5;

test("after whatever happens, a comparison tells the rest, with an inbox in memory", async () => {
  await checkPlans(80, async () => {
    const inbox = memoryInbox({ now: () => clock.now, random });
    let clock = { now: 0 };
    return {
      async open(given) {
        clock = given;
        return inbox;
      },
      async end() {},
    };
  });
});

test("after whatever happens, a comparison tells the rest, with an inbox in SQLite", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sheethook-model-"));
  let files = 0;
  try {
    await checkPlans(20, async () => {
      const path = join(folder, `${++files}.db`);
      return {
        open: async (clock) => createSqliteInbox(path, { now: () => clock.now, random, checkPages: false }),
        end: async () => ["", "-wal", "-shm"].forEach((end) => rmSync(`${path}${end}`, { force: true })),
      };
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("after whatever happens, a comparison tells the rest, with an inbox in Postgres", async () => {
  const server = await openPostgres();
  let schemas = 0;
  try {
    await checkPlans(4, async () => {
      const schema = `model_${++schemas}`;
      const logger = createLog();
      return {
        open: async (clock) => postgresInbox(server.url, { schema, now: () => clock.now, random, logger }),
        async end() {},
      };
    });
  } finally {
    await server.end();
  }
});
