import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { sqliteInbox } from "../../src/inbox/sqlite.ts";
import { ACTIVITY } from "../../src/inbox/sqlite_inspect_sql.ts";
import { acceptedCallback } from "../callbacks.ts";
import { inspectSuite } from "../suites/inspect_suite.ts";

const folder = mkdtempSync(join(tmpdir(), "sheethook-"));
after(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;
const newFile = () => join(folder, `${++files}.db`);

inspectSuite("SQLite inbox, inspected", (clock) => sqliteInbox(newFile(), { now: () => clock.now }));

test("sqliteInbox() shares a file: what one replays and discards, the other works and sees", async () => {
  const file = newFile();
  const [one, other] = [sqliteInbox(file), sqliteInbox(file)];
  await one.put(acceptedCallback());
  const [lease] = await one.lease(1, 20_000);
  const work = (await one.take(lease!))!;
  assert.equal((await other.show(work.id))!.isRunning, true);
  assert.equal((await other.discard([work.id]))[0]!.outcome, "running");
  await one.finish(lease!, work, { kind: "done" });
  await one.release(lease!);
  const woken = one.wait(new AbortController().signal);
  assert.equal((await other.replay([work.id]))[0]!.outcome, "changed");
  await woken;
  assert.equal((await one.lease(1, 20_000)).length, 1);
  assert.equal((await other.discard([work.id]))[0]!.outcome, "changed");
  assert.equal((await one.show(work.id))!.state, "discarded");
  await Promise.all([one.close(), other.close()]);
});

test("activity() looks at nothing but the entries of its time in the indexes", async () => {
  const file = newFile();
  await sqliteInbox(file).close();
  const database = new DatabaseSync(file);
  const values = { since: 0, until: 10, stepMs: 1 };
  const plan = database.prepare(`explain query plan ${ACTIVITY}`).all(values) as { detail: string }[];
  database.close();
  const looks = plan.map(({ detail }) => detail).filter((detail) => /callbacks/.test(detail));
  assert.deepEqual(looks.map((detail) => /USING COVERING INDEX (.*)/.exec(detail)?.[1]), [
    "callbacks_accepted (accepted_at>? AND accepted_at<?)",
    "callbacks_ended (state=? AND ended_at>? AND ended_at<?)",
    "callbacks_ended (state=? AND ended_at>? AND ended_at<?)",
  ]);
});
