import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { RetryLater } from "../../src/errors.ts";
import type { Inbox } from "../../src/inbox/inbox.ts";
import type { InspectableInbox } from "../../src/inbox/inspect.ts";
import type { Change } from "../../src/mirror/change.ts";
import { type Mirrored, type MirroredOptions, withMirrored } from "../support/mirrored.ts";
import { until } from "../support/until.ts";

type FullInbox = Inbox & InspectableInbox;

function told({ kind, columns, before, row }: Change): string {
  const all = columns.map(({ title, from, to }) => `${title}: ${from} -> ${to}`).join(", ");
  return `${kind} ${before?.cells.Item} ${row.cells.Item} (${all})`;
}

/** The whole way of changes, which is the same over each inbox: receiver, `onChange`, `context.updateRow`, a simulator as the API. */
export function onChangeSuite(name: string, open: () => FullInbox | Promise<FullInbox>): void {
  const within = async (options: MirroredOptions, use: (world: Mirrored) => Promise<void>) =>
    await withMirrored({ inbox: await open(), ...options }, use);

  describe(name, () => {
    it("onChange() hears of rows that were created, updated and deleted, with their values before and after", async () => {
      await within({}, async ({ receiver, edit, settle, call, sheet }) => {
        const changes: Change[] = [];
        const take = () => changes.splice(0).map(told);
        receiver.onChange((change) => void changes.push(change));
        const old = edit({ Item: "Saw" });
        await settle();
        assert.deepEqual(take(), ["created undefined Saw (Item: null -> Saw)"]);
        const row = edit({ Item: "Rope", Status: "Open" });
        await settle();
        assert.deepEqual(take(), ["created undefined Rope (Item: null -> Rope, Status: null -> Open)"]);
        edit({ Status: "Approved" }, row);
        await settle();
        const [{ sheet: of, by, source, events }] = changes as [Change];
        assert.deepEqual([of.id, of.name, source, by?.email], [sheet.id, "Orders", "callback", "person@example.com"]);
        assert.ok(by?.userId);
        assert.deepEqual(events.map(({ objectType }) => objectType), ["row", "cell"]);
        assert.deepEqual(take(), ["updated Rope Rope (Status: Open -> Approved)"]);
        await call("DELETE", `/2.0/sheets/${sheet.id}/rows?ids=${old}`);
        await settle();
        assert.deepEqual(take(), ["deleted Saw Saw (Item: Saw -> null)"]);
      });
    });

    it("the first time, all of the sheet is read, and only the rows that the callback names are changes", async () => {
      await within({}, async ({ receiver, edit, settle, inbox, sheet, requests, simulator }) => {
        const rows = ["Saw", "Rope", "Nail"].map((Item) => edit({ Item }));
        await simulator.idle();
        for (const id of await inbox.find({})) await inbox.discard([id]);
        const changes: string[] = [];
        receiver.onChange((change) => void changes.push(told(change)));
        edit({ Status: "Open" }, rows[1]!);
        await settle();
        assert.deepEqual(changes.splice(0), ["updated undefined Rope (Status: undefined -> Open)"]);
        assert.equal((await inbox.mirror.sheet(sheet.id))!.rowCount, 3);
        assert.equal(requests.length, 1);
        edit({ Status: "Done" }, rows[1]!);
        edit({ Status: "Done" }, rows[2]!);
        await settle();
        assert.deepEqual(changes.toSorted(), [
          "updated Nail Nail (Status: null -> Done)",
          "updated Rope Rope (Status: Open -> Done)",
        ]);
      });
    });

    it("from fits the first change of a row, once its sheet was read for another one", async () => {
      await within({ rows: [["Rope", "Open"], ["Nail", "Open"]] }, async ({ receiver, edit, settle, rowIds }) => {
        const changes: string[] = [];
        receiver.onChange({ column: "Status", from: "Open", to: "Done" }, (change) => void changes.push(told(change)));
        edit({ Status: "Done" }, rowIds[0]!);
        await settle();
        assert.deepEqual(changes, [], "nothing was known of the sheet");
        edit({ Status: "Done" }, rowIds[1]!);
        await settle();
        assert.deepEqual(changes, ["updated Nail Nail (Status: Open -> Done)"]);
      });
    });

    it("own changes update the mirror and call nobody; a column that only we changed is left out", async () => {
      await within({ simulator: { debounceMs: 50, speed: 1 } }, async (world) => {
        const { receiver, edit, settle, call, sheet, inbox } = world;
        const changes: string[] = [];
        receiver.onChange((change) => void changes.push(told(change)));
        const row = edit({ Item: "Rope" });
        await settle();
        changes.length = 0;
        const write = (title: string, value: string, changeAgent: string) => {
          // deno-lint-ignore no-explicit-any
          const { id: columnId } = sheet.columns.find((column: any) => column.title === title);
          const cells = [{ columnId, value }];
          return call("PUT", `/2.0/sheets/${sheet.id}/rows`, [{ id: row, cells }], {
            "Smartsheet-Change-Agent": changeAgent,
          });
        };
        await write("Ticket", "T-1", "ours");
        await settle();
        assert.deepEqual(changes, []);
        assert.match((await inbox.mirror.rows(sheet.id, [row]))[0]!.json, /T-1/);
        await write("Ticket", "T-2", "theirs,ours");
        await write("Status", "Done", "theirs");
        await settle();
        assert.deepEqual(changes, ["updated Rope Rope (Status: null -> Done)"]);
      });
    });

    it("a change is derived once: a retry, a restart and a replay see the same", async () => {
      await within({}, async (world) => {
        const { edit, settle, requests, inbox } = world;
        const row = edit({ Item: "Rope" });
        world.receiver.onChange(() => {});
        await settle();
        const changes: string[] = [];
        const first = await world.restart();
        first.onChange(function save(change, context) {
          changes.push(`${told(change)} ${context.idempotencyKey.split("/").slice(2).join("/")} ${context.attempt}`);
          if (context.attempt < 3) throw new RetryLater(0);
          throw new RetryLater(60_000);
        });
        await first.start();
        requests.length = 0;
        edit({ Item: "Cord" }, row);
        while (changes.length < 3) await new Promise((resolve) => setTimeout(resolve, 5));
        const second = await world.restart();
        second.onChange(function save(change, context) {
          changes.push(`${told(change)} ${context.attempt}`);
        });
        // A retry that isn't due is discarded, and replayed.
        const [id] = await inbox.find({ states: ["pending"] });
        await inbox.discard([id!]);
        await inbox.replay([id!]);
        await settle();
        const text = "updated Rope Cord (Item: Rope -> Cord)";
        assert.deepEqual(changes, [1, 2, 3].map((attempt) => `${text} row/${row} ${attempt}`).concat(`${text} 1`));
        assert.equal(requests.length, 1);
      });
    });

    it("a retry goes on at the change and the handler that failed", async () => {
      await within({}, async ({ receiver, edit, settle }) => {
        const calls: string[] = [];
        receiver.onChange((_change, { attempt }) => void calls.push(`first ${attempt}`));
        receiver.onChange((_change, { attempt }) => {
          calls.push(`second ${attempt}`);
          if (attempt === 1) throw new RetryLater(0);
        });
        edit({ Item: "Rope" });
        await settle();
        assert.deepEqual(calls, ["first 1", "second 1", "second 2"]);
      });
    });

    it("a callback that touches no row reads nothing", async () => {
      await within({}, async ({ receiver, settle, call, sheet, requests }) => {
        const events: string[] = [];
        receiver.onChange(() => {});
        receiver.on("*.*", ({ objectType }) => void events.push(objectType));
        await call("POST", `/2.0/sheets/${sheet.id}/discussions`, { comment: { text: "When?" } });
        await settle();
        assert.deepEqual(events, ["discussion", "comment"]);
        assert.deepEqual(requests, []);
      });
    });

    it("a retry of onCallback tells no change again", async () => {
      await within({}, async ({ receiver, edit, settle }) => {
        const calls: string[] = [];
        receiver.onChange((_change, { attempt }) => void calls.push(`change ${attempt}`));
        receiver.onCallback((_callback, { attempt }) => {
          calls.push(`callback ${attempt}`);
          if (attempt === 1) throw new RetryLater(0);
        });
        edit({ Item: "Rope" });
        await settle();
        assert.deepEqual(calls, ["change 1", "callback 1", "callback 2"]);
      });
    });

    it("context.updateRow() writes by title with the change agent, and its echo is no change", async () => {
      await within({}, async ({ receiver, edit, settle, call, sheet, inbox }) => {
        const seen: string[] = [];
        receiver.onChange({ column: "Status", to: "Approved" }, async (change, context) => {
          seen.push(`approved ${change.row.cells.Item}`);
          await context.updateRow(change.row, { Ticket: "T-1", Status: "Done" });
        });
        receiver.onChange((change) => void seen.push(told(change)));
        const row = edit({ Item: "Rope" });
        await settle();
        edit({ Status: "Approved" }, row);
        await settle();
        assert.deepEqual(seen, [
          "created undefined Rope (Item: null -> Rope)",
          "approved Rope",
          "updated Rope Rope (Status: null -> Approved)",
        ]);
        const { cells } = await call("GET", `/2.0/sheets/${sheet.id}/rows/${row}`);
        assert.deepEqual(cells.map(({ value }: { value: unknown }) => value), ["Rope", "Done", "T-1"]);
        assert.match((await inbox.mirror.rows(sheet.id, [row]))[0]!.json, /"Done".*T-1|T-1.*"Done"/);
      });
    });

    it("own changes are told where they are delivered, also those of updateRow()", async () => {
      await within({ receiver: { ownChanges: "deliver" } }, async ({ receiver, edit, settle }) => {
        const seen: string[] = [];
        receiver.onChange(
          { column: "Status", to: "Approved" },
          ({ row }, { updateRow }) => updateRow(row, { Ticket: "T-1" }),
        );
        receiver.onChange((change) => void seen.push(told(change)));
        edit({ Item: "Rope", Status: "Approved" });
        await settle();
        await until("both are told", () => seen.length === 2);
        await settle();
        assert.deepEqual(seen, [
          "created undefined Rope (Item: null -> Rope, Status: null -> Approved)",
          "updated Rope Rope (Ticket: null -> T-1)",
        ]);
      });
    });

    it("context.addRows() and context.deleteRows() are in the mirror, too, and call nobody", async () => {
      await within({}, async ({ receiver, edit, settle, sheet, inbox }) => {
        const seen: string[] = [];
        receiver.onChange(async (change, context) => {
          seen.push(told(change));
          if (change.row.cells.Item !== "Rope") return;
          const added = await context.addRows(sheet.id, [{ Item: "Hook" }, { Item: "Ring", Status: "Open" }]);
          await context.deleteRows(sheet.id, [added[0]!]);
        });
        edit({ Item: "Rope" });
        await settle();
        assert.equal(seen.length, 1);
        assert.equal((await inbox.mirror.sheet(sheet.id))!.rowCount, 2);
      });
    });

    it("the rows of all callbacks that wait in the lane are read in one request", async () => {
      await within({}, async ({ receiver, edit, settle, requests, simulator }) => {
        const changes: string[] = [];
        receiver.onChange((change) => void changes.push(told(change)));
        const rows = Array.from({ length: 20 }, (_, n) => edit({ Item: `Row ${n}` }));
        await settle();
        changes.length = requests.length = 0;
        await receiver.stop();
        // What comes meanwhile waits: Smartsheet would send it again.
        await receiver.start();
        let isFirst = true;
        receiver.onCallback(async () => {
          if (!isFirst) return;
          isFirst = false;
          for (const row of rows.slice(1)) {
            edit({ Status: "Open" }, row);
            await simulator.idle();
          }
        });
        edit({ Status: "Open" }, rows[0]!);
        await settle();
        assert.equal(changes.length, 20);
        assert.ok(requests.length <= 3, requests.join("\n"));
      });
    });

    it("what others change before our own change is read is told by their own callback, also in a column that we wrote", async () => {
      /** What a person enters when we have written, before our own change is read. */
      let entered: (() => void) | undefined;
      let isWritten = false;
      const onRequest = ({ method, url }: Request) => {
        if (method === "PUT") isWritten = true;
        if (!isWritten || !url.includes("rowIds")) return undefined;
        isWritten = false;
        entered?.();
        entered = undefined;
      };
      await within({ onRequest }, async ({ receiver, edit, settle, call, sheet, inbox }) => {
        const changes: string[] = [];
        receiver.onChange(
          { column: "Status", to: "Approved" },
          ({ row }, context) => context.updateRow(row, { Status: "Done" }),
        );
        receiver.onChange((change) => void changes.push(told(change)));
        const row = edit({ Item: "Rope", Status: "Open" });
        await settle();
        changes.length = 0;
        // deno-lint-ignore no-explicit-any
        const idOf = (title: string) => sheet.columns.find((column: any) => column.title === title).id;
        entered = () => edit({ Item: "Cord" }, row);
        const cells = [{ columnId: idOf("Ticket"), value: "T-1" }];
        await call("PUT", `/2.0/sheets/${sheet.id}/rows`, [{ id: row, cells }], { "Smartsheet-Change-Agent": "ours" });
        isWritten = true;
        await until("the change is told", () => changes.length === 1);
        await settle();
        assert.deepEqual(changes.splice(0), ["updated Rope Cord (Item: Rope -> Cord)"]);

        entered = () => edit({ Status: "Open" }, row);
        edit({ Status: "Approved" }, row);
        await until("both changes are told", () => changes.length === 2);
        await settle();
        assert.deepEqual(changes, [
          "updated Cord Cord (Status: Open -> Approved)",
          "updated Cord Cord (Status: Done -> Open)",
        ]);
        assert.match((await inbox.mirror.rows(sheet.id, [row]))[0]!.json, /"Open"/);
      });
    });

    it("rows that were added and deleted by us are waited for by nobody", async () => {
      await within({}, async ({ receiver, edit, settle, sheet, inbox, requests }) => {
        receiver.onChange(async ({ row, kind }, { addRows, deleteRows }) => {
          if (kind === "created" && row.cells.Item === "Rope") {
            await deleteRows(sheet.id, await addRows(sheet.id, [{ Item: "Hook" }]));
          }
        });
        edit({ Item: "Rope" });
        const beganAt = performance.now();
        await settle();
        assert.ok(performance.now() - beganAt < 5000);
        assert.equal((await inbox.mirror.sheet(sheet.id))!.rowCount, 1);
        assert.ok(requests.length < 12, requests.join());
      });
    });

    it("120 callbacks that wait are read in a few requests, also if each handler writes to its row", async () => {
      await within({}, async ({ receiver, edit, settle, requests, simulator, call, sheet }) => {
        const rows = Array.from({ length: 120 }, (_, n) => edit({ Item: `Row ${n}` }));
        let isHeld = true;
        let changes = 0;
        receiver.onChange({ column: "Status" }, async ({ row }, { updateRow }) => {
          changes++;
          await updateRow(row, { Ticket: `T-${row.cells.Item}` });
        });
        receiver.onCallback(async (_, { signal }) => {
          while (isHeld && !signal.aborted) await new Promise((resolve) => setTimeout(resolve, 5));
        });
        await receiver.start();
        for (const row of rows) {
          edit({ Status: "Open" }, row);
          await simulator.idle();
        }
        requests.length = 0;
        isHeld = false;
        await settle();
        await settle();
        assert.equal(changes, 120);
        const reads = requests.filter((request) => request.startsWith("GET"));
        assert.ok(reads.length <= 30, `${reads.length} reads`);
        const { rows: written } = await call("GET", `/2.0/sheets/${sheet.id}`);
        // deno-lint-ignore no-explicit-any
        assert.ok(written.every(({ cells }: any) => cells[2].value === `T-${cells[0].value}`));
      });
    });

    it("rows that can't be read hold the lane, then are a dead call; the events handlers and onCallback run all the same", async () => {
      let isDown = true;
      const onRequest = () =>
        isDown ? Response.json({ errorCode: 1004, message: "You are not authorized" }, { status: 403 }) : undefined;
      await within({ onRequest, receiver: { attempts: 1 } }, async ({ receiver, edit, settle, inbox }) => {
        const seen: string[] = [];
        receiver.on("row.created", () => void seen.push("event"));
        receiver.onChange((change) => void seen.push(told(change)));
        receiver.onCallback(() => void seen.push("all"));
        edit({ Item: "Rope" });
        await settle();
        assert.deepEqual(seen.splice(0), ["event", "all"]);
        const [id] = await inbox.find({ states: ["dead"] });
        const { deadCalls } = (await inbox.show(id!))!;
        assert.deepEqual(deadCalls.map(({ call }) => call.event), ["read"]);
        assert.match(deadCalls[0]!.error, /not authorized/);
        assert.doesNotMatch(deadCalls[0]!.error, /token-of-test/);
        isDown = false;
        await inbox.replay([id!]);
        await settle();
        assert.deepEqual(seen, ["created undefined Rope (Item: null -> Rope)"]);
        assert.equal((await inbox.show(id!))!.state, "done");
      });
    });

    it("a row that one answer lacks isn't called deleted", async () => {
      let lacks = false;
      await within({
        async onRequest(request, answer) {
          if (!lacks || !request.url.includes("rowIds")) return undefined;
          lacks = false;
          const { rows: _, ...sheet } = await (await answer()).json();
          return Response.json({ ...sheet, rows: [] });
        },
      }, async ({ receiver, edit, settle, requests }) => {
        const changes: string[] = [];
        receiver.onChange((change) => void changes.push(told(change)));
        const row = edit({ Item: "Rope" });
        await settle();
        lacks = true;
        requests.length = 0;
        edit({ Item: "Cord" }, row);
        await settle();
        assert.deepEqual(changes.slice(1), ["updated Rope Cord (Item: Rope -> Cord)"]);
        assert.equal(requests.length, 2);
      });
    });

    it("a title that isn't there fails its own call, with the titles that there are", async () => {
      await within({ receiver: { attempts: 1 } }, async ({ receiver, edit, settle, inbox }) => {
        const seen: string[] = [];
        receiver.onChange({ column: "Statsu" }, () => assert.fail("no"));
        receiver.onChange(() => void seen.push("other"));
        edit({ Item: "Rope" });
        await settle();
        assert.deepEqual(seen, ["other"]);
        const [id] = await inbox.find({ states: ["dead"] });
        const { call, error } = (await inbox.show(id!))!.deadCalls[0]!;
        assert.match(String(call.event), /^row\//);
        assert.match(error, /did you mean "Status"\? The columns are "Item", "Status", "Ticket"/);
      });
    });
  });
}
