// What an API may do instead of answering: a simulator's faults, access that is taken away, a sheet that is deleted.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { FaultName } from "../../src/simulator/simulator.ts";
import { type Mirrored, type MirroredOptions, withMirrored } from "../support/mirrored.ts";

const OWNER = "owner@example.com";

/** The error of the dead letter that there is. */
async function deadLetter({ inbox }: Mirrored): Promise<{ readonly id: number; readonly error: string }> {
  const [id, ...others] = await inbox.find({ states: ["dead"] });
  assert.deepEqual(others, []);
  const { deadCalls: [dead, ...more] } = (await inbox.show(id!))!;
  assert.deepEqual([dead!.call.event, more], ["read", []]);
  assert.doesNotMatch(dead!.error, /token-of-test/);
  return { id: id!, error: dead!.error };
}

/** A sheet of three rows, of which one is edited while the API is unwell: before anything of it was read, or later. */
async function whileUnwell(
  options: MirroredOptions & { readonly isKnown: boolean },
  error: RegExp,
  makeUnwell: (world: Mirrored) => void,
  makeWell: (world: Mirrored) => void = () => {},
): Promise<void> {
  const rows = [["Rope", "Open"], ["Saw", "Open"], ["Nail", "Open"]];
  await withMirrored({ rows, receiver: { attempts: 1 }, ...options }, async (world) => {
    const { receiver, edit, settle, inbox, rowIds: [first, second], sheet } = world;
    const changes: string[] = [];
    receiver.onChange(({ kind, row, before, columns }) => {
      const [{ title, from, to } = {}] = columns;
      changes.push(`${kind} ${before?.cells.Item} ${row.cells.Item} (${title}: ${from} -> ${to})`);
    });
    if (options.isKnown) {
      edit({ Status: "Done" }, second!);
      await settle();
      changes.length = 0;
    }
    makeUnwell(world);
    edit({ Status: "Approved" }, first!);
    await settle();
    const dead = await deadLetter(world);
    assert.match(dead.error, error);
    assert.deepEqual(changes, []);
    assert.equal((await inbox.mirror.sheet(sheet.id))?.rowCount ?? 0, options.isKnown ? 3 : 0);
    makeWell(world);
    await inbox.replay([dead.id]);
    await settle();
    const was = options.isKnown ? "Rope Rope (Status: Open" : "undefined Rope (Status: undefined";
    assert.deepEqual(changes.splice(0), [`updated ${was} -> Approved)`]);
    assert.equal((await inbox.mirror.sheet(sheet.id))!.rowCount, 3);
    edit({ Status: "Open" }, first!);
    await settle();
    assert.deepEqual(changes, ["updated Rope Rope (Status: Approved -> Open)"]);
    assert.equal((await inbox.overview()).dead, 0);
  });
}

const ERRORS: Partial<Record<FaultName, RegExp>> = {
  "html-page": /a page of HTML: check the API's URL/,
  "bad-gateway": /was answered with 502: Smartsheet has a problem/,
  "half-json": /got no usable answer \(the JSON breaks off/,
  "no-answer": /got no usable answer in time/,
  "server-error": /500 "An unexpected error has occurred." \(error 4000/,
  "bad-token": /401 .*error 1002.*: give a valid access token/,
  "no-access": /403 .*error 1004.*: give the token's owner access/,
};

for (const [fault, error] of Object.entries(ERRORS) as [FaultName, RegExp][]) {
  for (const isKnown of [false, true]) {
    const when = isKnown ? "of a known sheet" : "the first time";
    test(`${fault} when rows are read ${when}: an error that says so, nothing is lost or called deleted`, async () => {
      await whileUnwell({ isKnown, api: { timeoutMs: 500 } }, error, ({ simulator }) => simulator.failNext(fault));
    });
  }
}

for (const noAccess of ["not-found", "refused"] as const) {
  for (const isKnown of [false, true]) {
    const when = isKnown ? "from a known sheet" : "from a sheet that was never read";
    test(`access that is taken away ${when} (${noAccess}) is a dead letter that says so; with it, all is told`, async () => {
      const error = noAccess === "refused"
        ? /403 "You are not authorized.*1004.*: give the token's owner access/
        : /404 "Not Found" \(error 1006.*: check the id, and that the token's owner may see it/;
      // Nobody else may be out of reach: the webhook's owner is, too, and Smartsheet holds back what happens meanwhile.
      const onRequest = (request: Request) => request.method === "GET" && isGone ? refuse(noAccess) : undefined;
      let isGone = false;
      await whileUnwell({ isKnown, onRequest }, error, () => isGone = true, () => isGone = false);
    });
  }
}

function refuse(how: "not-found" | "refused"): Response {
  return how === "refused"
    ? Response.json({ errorCode: 1004, message: "You are not authorized to perform this action." }, { status: 403 })
    : Response.json({ errorCode: 1006, message: "Not Found" }, { status: 404 });
}

test("a sheet out of reach holds its lane for three attempts, whatever others have", async () => {
  const onRequest = (request: Request) => request.method === "GET" ? refuse("refused") : undefined;
  await withMirrored({ onRequest, receiver: { attempts: 15, random: () => 0 } }, async (world) => {
    const { receiver, edit, settle, log } = world;
    const events: string[] = [];
    receiver.onChange(() => assert.fail("no change"));
    receiver.on("row.created", () => void events.push("row.created"));
    edit({ Item: "Rope" });
    await settle();
    assert.match((await deadLetter(world)).error, /1004/);
    assert.deepEqual(events, ["row.created"]);
    assert.ok(
      log.lines.some((line) => line.includes("is dead after 3 attempts at reading rows")),
      log.lines.join("\n"),
    );
  });
});

test("a row that one answer lacks isn't called deleted, whether the API leaves it out or refuses all", async () => {
  for (const missingRowIds of ["left-out", "refused"] as const) {
    await withMirrored({ simulator: { assumptions: { missingRowIds } } }, async (world) => {
      const { receiver, edit, settle, simulator, sheet, inbox, call } = world;
      const changes: string[] = [];
      receiver.onChange(({ kind, row }) => void changes.push(`${kind} ${row.cells.Item}`));
      const rows = ["Rope", "Saw", "Nail"].map((Item) => edit({ Item }));
      await settle();
      changes.length = 0;
      simulator.failNext("missing-row");
      simulator.edit({
        sheetId: sheet.id,
        rows: rows.map((id) => ({ id, cells: [{ column: "Status", value: "Done" }] })),
      });
      await settle();
      assert.deepEqual(changes.splice(0).toSorted(), ["updated Nail", "updated Rope", "updated Saw"]);
      simulator.edit({ sheetId: sheet.id, rowId: rows[1]!, cells: [{ column: "Status", value: "Open" }] });
      await call("DELETE", `/2.0/sheets/${sheet.id}/rows?ids=${rows[0]}`);
      await settle();
      assert.deepEqual(changes.toSorted(), ["deleted Rope", "updated Saw"]);
      assert.equal((await inbox.mirror.sheet(sheet.id))!.rowCount, 2);
    });
  }
});

test("a sheet that is deleted while its callback waits is a dead letter that says so, and none of its rows is called deleted", async () => {
  let isHeld = true;
  await withMirrored({ receiver: { attempts: 1 } }, async (world) => {
    const { receiver, edit, settle, simulator, sheet, inbox, call } = world;
    const changes: string[] = [];
    receiver.onChange(({ kind, row }) => void changes.push(`${kind} ${row.cells.Item}`));
    const row = edit({ Item: "Rope" });
    await settle();
    receiver.onCallback(async () => {
      while (isHeld) await new Promise((resolve) => setTimeout(resolve, 5));
    });
    edit({ Status: "Open" }, row);
    await simulator.idle();
    edit({ Status: "Done" }, row);
    await simulator.idle();
    await call("DELETE", `/2.0/sheets/${sheet.id}`);
    isHeld = false;
    await settle();
    assert.match((await deadLetter(world)).error, /GET \/sheets\/\d+ was answered with 404 .*1006/);
    assert.ok(changes.every((change) => !change.startsWith("deleted")), changes.join());
    assert.equal((await inbox.mirror.sheet(sheet.id))!.rowCount, 1);
  });
});

test("a write without the right to is a dead call that says so; with it, a replay writes", async () => {
  await withMirrored(
    { receiver: { attempts: 1 } },
    async ({ receiver, edit, settle, simulator, sheet, inbox, call }) => {
      receiver.onChange({ column: "Status" }, ({ row }, context) => context.updateRow(row, { Ticket: "T-1" }));
      const row = edit({ Item: "Rope" });
      await settle();
      simulator.setAccess(sheet.id, OWNER, "VIEWER");
      edit({ Status: "Open" }, row);
      await settle();
      const [id] = await inbox.find({ states: ["dead"] });
      assert.match(
        (await inbox.show(id!))!.deadCalls[0]!.error,
        /PUT \/sheets\/\d+\/rows was answered with 403 .*1004/,
      );
      simulator.setAccess(sheet.id, OWNER, "OWNER");
      await inbox.replay([id!]);
      await settle();
      const { cells } = await call("GET", `/2.0/sheets/${sheet.id}/rows/${row}`);
      assert.deepEqual(cells.map(({ value }: { value: unknown }) => value), ["Rope", "Open", "T-1"]);
    },
  );
});
