import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { memoryInbox } from "../../src/inbox/memory.ts";
import { postgresInbox } from "../../src/inbox/postgres.ts";
import { sqliteInbox } from "../../src/inbox/sqlite.ts";
import { createReceiver } from "../../src/receiver.ts";
import { onChangeSuite } from "../suites/on_change_suite.ts";
import { valuesSuite } from "../suites/values_suite.ts";
import { openPostgres } from "../support/postgres.ts";

const folder = mkdtempSync(join(tmpdir(), "sheethook-"));
let server: Awaited<ReturnType<typeof openPostgres>>;
before(async () => {
  server = await openPostgres();
});
after(async () => {
  await server.end();
  rmSync(folder, { recursive: true, force: true });
});

let opened = 0;
const openSqlite = () => sqliteInbox(join(folder, `${++opened}.db`));
const openPostgresInbox = () => postgresInbox(server.url, { schema: `s${++opened}` });

onChangeSuite("onChange() over a memory inbox", memoryInbox);
onChangeSuite("onChange() over a SQLite inbox", openSqlite);
onChangeSuite("onChange() over a Postgres inbox", openPostgresInbox);
valuesSuite("values over a memory inbox", memoryInbox);
valuesSuite("values over a SQLite inbox", openSqlite);
valuesSuite("values over a Postgres inbox", openPostgresInbox);

test("onChange() without api is refused, with what to do", () => {
  const receiver = createReceiver({ secrets: "3qo29mvjou6xt5fujukjtwzhj0" });
  assert.throws(() => receiver.onChange(() => {}), { code: "option_invalid", message: /createApi\(\{ token \}\)/ });
});
