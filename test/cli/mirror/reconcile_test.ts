import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import type { Inbox } from "../../../src/inbox/inbox.ts";
import type { InspectableInbox } from "../../../src/inbox/inspect.ts";
import { sqliteInbox } from "../../../src/inbox/sqlite.ts";
import { type Mirrored, withMirrored } from "../../support/mirrored.ts";
import { type CliResult, runCli, withFolder } from "../../support/run_cli.ts";

interface Compared extends Mirrored {
  run(...args: string[]): Promise<CliResult>;
  readonly changes: string[];
  /** Runs `sheethook inbox`. */
  inboxCommand(...args: string[]): Promise<CliResult>;
}

/** A mirrored sheet with two rows, whose webhook is silent from then on, and the command for it. */
function withCompared(
  { open, env, files = [] }: {
    readonly open: () => Inbox & InspectableInbox;
    readonly env: Record<string, string>;
    readonly files?: readonly string[];
  },
  use: (world: Compared, rows: readonly number[]) => Promise<void>,
): Promise<void> {
  return withMirrored({ inbox: open() }, async (world) => {
    const changes: string[] = [];
    world.receiver.onChange(({ kind, row }) => void changes.push(`${kind} ${row.cells.Item}`));
    const rows = [world.edit({ Item: "Rope" }), world.edit({ Item: "Saw" })];
    await world.settle();
    world.simulator.setSilent(world.sheet.id, true);
    changes.length = 0;
    const options = { env, reads: files, writes: files };
    const run = (...args: string[]) => runCli(["mirror", "reconcile", ...args], options);
    const inboxCommand = (...args: string[]) => runCli(["inbox", ...args], options);
    await use(Object.assign(Object.create(world), { run, inboxCommand, changes }), rows);
  });
}

function inSqlite(use: (world: Compared, rows: readonly number[]) => Promise<void>): Promise<void> {
  return withFolder((folder) => {
    const file = join(folder, "inbox.db");
    const env = { SHEETHOOK_INBOX: `sqlite:${file}` };
    return withCompared({ open: () => sqliteInbox(file), env, files: [folder] }, use);
  });
}

test("mirror reconcile waits for what the running receiver finds, and says it", async () => {
  await inSqlite(async ({ run, edit, simulator, sheet, changes }, [rope, saw]) => {
    edit({ Status: "Done" }, rope);
    simulator.edit({ sheetId: sheet.id, deleteRowIds: [saw] } as never);
    edit({ Item: "Tape" });
    const first = await run("Orders");
    assert.deepEqual([first.code, first.stdout], [
      0,
      `sheet ${sheet.id} "Orders" was compared with its mirror: ` +
      "1 row created, 1 updated, 1 deleted that no callback had told of\n",
    ], first.stderr);
    assert.deepEqual(changes.toSorted(), ["created Tape", "deleted Saw", "updated Rope"]);

    const second = await run(`${sheet.id}`, "--json");
    const { callback, since, until, ...found } = JSON.parse(second.stdout);
    assert.deepEqual([typeof callback, since < until], ["number", true]);
    assert.deepEqual([second.code, found], [0, {
      ...{ id: sheet.id, name: "Orders", state: "done", compared: true, complete: true, reason: "manual" },
      ...{ created: 0, updated: 0, deleted: 0 },
    }]);
    assert.match((await run("Orders")).stdout, / was compared with its mirror: nothing differs\n$/);
  });
});

test("mirror reconcile without a receiver stores the comparison, which is done when one works", async () => {
  await inSqlite(async ({ run, edit, receiver, settle, changes }, [rope]) => {
    await receiver.stop();
    edit({ Status: "Done" }, rope);
    const { code, stdout, stderr } = await run("Orders", "--wait", "2s");
    assert.equal(code, 0, stderr);
    assert.match(
      stdout,
      /^sheet \d+ "Orders" isn't compared yet: callback (\d+) stays stored, and runs when serve works/,
    );
    assert.match(stderr, /^callback \d+ waits for serve\n/);
    assert.deepEqual(changes, []);
    await settle();
    assert.deepEqual(changes, ["updated Rope"]);
  });
});

test("mirror reconcile takes the id of a sheet that isn't mirrored, and no other name", async () => {
  await inSqlite(async ({ run, restart, sheet, inbox }) => {
    assert.match((await run("Oders")).stderr, /No mirrored sheet has the id or the name "Oders": did you mean/);
    await inbox.mirror.drop(sheet.id);
    const receiver = await restart();
    await receiver.start();
    const unasked = await run(`${sheet.id}`);
    assert.deepEqual([unasked.code, unasked.stdout], [
      1,
      `sheet ${sheet.id} wasn't compared: no onChange handler of serve asks for it, or serve has no token\n`,
    ]);
    assert.match(unasked.stderr, /^sheet \d+ isn't mirrored yet: serve reads all of it/);
    receiver.onChange(() => {});
    const read = await run(`${sheet.id}`);
    assert.deepEqual([read.code, read.stdout], [
      0,
      `sheet ${sheet.id} was read for the first time: there was no mirror to compare it with\n`,
    ]);
    assert.equal((await inbox.mirror.sheet(sheet.id))?.rowCount, 2);
  });
});

test("mirror reconcile exits with 1 if the sheet can't be read, with the reason", async () => {
  await withFolder((folder) => {
    const file = join(folder, "inbox.db");
    let isRefused = false;
    const onRequest = () =>
      isRefused ? Response.json({ errorCode: 1004, message: "You are not authorized" }, { status: 403 }) : undefined;
    return withMirrored({ inbox: sqliteInbox(file), onRequest, receiver: { attempts: 1 } }, async (world) => {
      world.receiver.onChange(() => {});
      world.edit({ Item: "Rope" });
      await world.settle();
      isRefused = true;
      const { code, stdout } = await runCli(["mirror", "reconcile", "Orders"], {
        ...{ env: { SHEETHOOK_INBOX: `sqlite:${file}` }, reads: [folder], writes: [folder] },
      });
      assert.equal(code, 1);
      assert.match(stdout, /^sheet \d+ "Orders" wasn't compared: callback \d+ is dead: .*You are not authorized/);
    });
  });
});

test("inbox list and show tell a comparison as such, with its changes and without values", async () => {
  await inSqlite(async ({ run, inboxCommand, edit, simulator, sheet, inbox, receiver }, [rope, saw]) => {
    receiver.onGap(() => {
      throw new Error("nobody listens");
    });
    edit({ Status: "Done" }, rope);
    simulator.edit({ sheetId: sheet.id, deleteRowIds: [saw] } as never);
    await run("Orders", "--wait", "2s");
    const [id] = await inbox.find({ webhookId: 0 });
    const listed = (await inboxCommand("list", "--sheet", `${sheet.id}`, "--limit", "1")).stdout;
    assert.match(listed, new RegExp(`\\n${id} +pending +\\S+ +${sheet.id} +– +\\d +reconcile \\(manual\\)`));
    const shown = (await inboxCommand("show", `${id}`)).stdout;
    assert.match(
      shown,
      /\nwebhook +none: it asks for a comparison of the sheet with its mirror\nreason +manual\nstored /,
    );
    assert.match(
      shown,
      /\nfound +compared with its mirror: 0 rows created, 1 updated, 1 deleted .*\nchanges +2 rows\n/,
    );
    assert.match(shown, new RegExp(`\\n {2}updated row ${rope}: Status\\n {2}deleted row ${saw}: Item`));
    assert.match(shown, / at onGap, handler 1/);
    assert.doesNotMatch(shown, /Done|events +0/);
    const { webhookId, reconcile, changes, found } = JSON.parse((await inboxCommand("show", `${id}`, "--json")).stdout);
    assert.deepEqual([webhookId, reconcile, changes.count, found.updated, found.complete], [
      undefined,
      { reason: "manual" },
      2,
      1,
      true,
    ]);
  });
});
