import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { startServer } from "../../../src/cli/server_adapter.ts";
import { sqliteInbox } from "../../../src/inbox/sqlite.ts";
import type { Server } from "../../../src/serve/options.ts";
import { createSimulator } from "../../../src/simulator/simulator.ts";
import { runCli, startServe, withFolder } from "../../support/run_cli.ts";
import type { Child } from "../../support/runtime.ts";
import { createCalls } from "../../support/simulated.ts";
import { until } from "../../support/until.ts";
import { root } from "../../tasks/run_command.ts";

/** Where `serve` is killed; how often the ticket is then asked for, and its number written, in all. */
const MOMENTS = {
  "the row is read": { posts: 1, writes: 1 },
  "the ticket is made": { posts: 2, writes: 1 },
  "the ticket is told": { posts: 2, writes: 1 },
  "the number is written": { posts: 1, writes: 2 },
  "the write is answered": { posts: 1, writes: 2 },
} as const;
type Moment = keyof typeof MOMENTS;
const moments = Object.keys(MOMENTS) as Moment[];

/** Requests that get no answer before `serve` is killed: one of each sheet. */
function createHolds() {
  const armed = new Map<number, Moment>();
  const held: (() => void)[] = [];
  return {
    arm: (sheetId: number, moment: Moment) => void armed.set(sheetId, moment),
    held,
    /** Holds a request that has come to the moment of its sheet. @returns whether it did */
    async at(moment: Moment, sheetId: number): Promise<boolean> {
      if (armed.get(sheetId) !== moment) return false;
      await new Promise<void>((resolve) => held.push(resolve));
      return true;
    },
    end() {
      armed.clear();
      for (const resolve of held) resolve();
    },
  };
}
type Holds = ReturnType<typeof createHolds>;

const gone = () => new Response(null, { status: 503 });
const open = (fetch: (request: Request) => Promise<Response>): Promise<Server> =>
  startServer({ fetch, port: 0, hostname: "127.0.0.1", path: "*" });

function count(counts: Map<number, number>, id: number): void {
  counts.set(id, (counts.get(id) ?? 0) + 1);
}

/** A ticket system that makes one ticket for each idempotency key. */
async function openTickets(holds: Holds) {
  const tickets = new Map<string, { readonly number: string; readonly rowId: number }>();
  const posts = new Map<number, number>();
  const server = await open(async (request) => {
    const key = request.headers.get("idempotency-key")!;
    const { id, sheetId } = await request.json();
    count(posts, id);
    if (await holds.at("the ticket is made", sheetId)) return gone();
    const ticket = tickets.get(key) ?? { number: `T-${tickets.size + 1}`, rowId: id };
    tickets.set(key, ticket);
    if (await holds.at("the ticket is told", sheetId)) return gone();
    return Response.json(ticket);
  });
  return { tickets, posts, server };
}

test("an integration of 25 lines makes one ticket for each row and writes its number, wherever serve is killed", async () => {
  const source = await readFile(new URL("./approve_orders.ts", import.meta.url), "utf8");
  assert.ok(source.trimEnd().split("\n").length <= 25);
  await withFolder(async (folder) => {
    let serve: Child | undefined;
    // Wherever serve listens now: each start has a port of its own.
    const simulator = createSimulator({
      debounceMs: 10,
      // A retry waits until there is somebody again.
      sleep: async (ms) => {
        do await new Promise((resolve) => setTimeout(resolve, Math.min(ms, 200))); while (!serve);
      },
      fetch: (_, init) => serve ? fetch(serve.url, init) : Promise.reject(new TypeError("refused")),
    });
    const { call, createWebhook, enable } = createCalls(simulator);
    const holds = createHolds();
    const { tickets, posts, server: ticketServer } = await openTickets(holds);
    const writes = new Map<number, number>();
    const api = await open(async (request) => {
      const [, id] = /\/sheets\/(\d+)/.exec(request.url) ?? [];
      const sheetId = Number(id);
      if (request.method === "PUT") { for (const row of await request.clone().json()) count(writes, row.id); }
      const before = request.method === "PUT" ? "the number is written" : "the row is read";
      if (await holds.at(before, sheetId)) return gone();
      const answer = await simulator.fetch(request);
      return request.method === "PUT" && await holds.at("the write is answered", sheetId) ? gone() : answer;
    });
    const file = join(folder, "inbox.db");
    const inbox = sqliteInbox(file);
    const env = {
      SHEETHOOK_INBOX: `sqlite:${file}`,
      SHEETHOOK_SECRETS_FILE: join(folder, "secrets.json"),
      SMARTSHEET_API_URL: `${api.url}/2.0`,
      SMARTSHEET_ACCESS_TOKEN: "any",
    };
    const module = join(folder, "approve_orders.ts");
    const start = async () => {
      serve = await startServe([module, "--log-level", "error"], { env, reads: [folder, root], writes: [folder] });
    };
    const settle = async () => {
      await simulator.idle();
      await until("nothing is pending", async () => (await inbox.overview()).pending === 0);
    };
    try {
      await writeFile(
        module,
        source.replace('"sheethook"', JSON.stringify(join(root, "mod.ts")))
          .replace("https://tickets.example.com", ticketServer.url),
      );
      await writeFile(join(folder, "package.json"), '{"type": "module"}');
      await start();
      const secrets: Record<string, string> = {};
      const sheets = await Promise.all(moments.map(async (moment) => {
        const columns = ["Item", "Status", "Ticket"].map((title, index) => {
          return { title, type: "TEXT_NUMBER", primary: index === 0 };
        });
        const { id } = (await call("POST", "/2.0/sheets", { name: moment, columns })).result;
        return { id: id as number, moment, webhook: await createWebhook(id) };
      }));
      for (const { webhook } of sheets) secrets[webhook.id] = webhook.sharedSecret;
      await writeFile(env.SHEETHOOK_SECRETS_FILE, JSON.stringify(secrets));
      for (const { webhook } of sheets) await enable(webhook.id);
      const rows = sheets.map(({ id: sheetId }) =>
        simulator.edit({
          sheetId,
          rows: ["Rope", "Saw", "Nails"].map((item) => ({
            cells: [{ column: "Item", value: item }, { column: "Status", value: "Open" }],
          })),
        }).rowIds
      );
      const ropes = rows.map(([rope]) => rope!);
      const approve = (rowIds: readonly number[]) =>
        sheets.forEach(({ id: sheetId }, index) => {
          simulator.edit({ sheetId, rowId: rowIds[index]!, column: "Status", value: "Approved" });
        });
      await settle();

      for (const { id, moment } of sheets) holds.arm(id, moment);
      approve(ropes);
      await until("all sheets are at their moments", () => holds.held.length === sheets.length);
      const killed = serve!;
      serve = undefined;
      await killed.kill();
      holds.end();
      approve(rows.map(([, saw]) => saw!));
      await start();
      await until("all numbers are written", () => writes.size === 2 * sheets.length);
      await settle();
      // The echoes of the last writes have come, too.
      await settle();

      const approved = rows.flatMap(([rope, saw]) => [rope!, saw!]);
      assert.deepEqual([...tickets.values()].map(({ rowId }) => rowId).sort(), approved.toSorted());
      const totals = sheets.map(({ moment }, index) => {
        return [moment, { posts: posts.get(ropes[index]!), writes: writes.get(ropes[index]!) }];
      });
      assert.deepEqual(Object.fromEntries(totals), MOMENTS);
      for (const [, saw] of rows) assert.deepEqual([posts.get(saw!), writes.get(saw!)], [1, 1]);
      const { done, dead } = await inbox.overview();
      await settle();
      const { done: doneLater } = await inbox.overview();
      assert.deepEqual([dead, doneLater], [0, done]);

      const ticketOf = (rowId: number) =>
        [...tickets.values()].find((ticket) => ticket.rowId === rowId)?.number ?? null;
      for (const [index, { id, moment }] of sheets.entries()) {
        const expected = rows[index]!.map((rowId, n) => {
          return [rowId, ["Rope", "Saw", "Nails"][n], n < 2 ? "Approved" : "Open", ticketOf(rowId)];
        });
        const sheet = await call("GET", `/2.0/sheets/${id}`);
        // deno-lint-ignore no-explicit-any
        const read = sheet.rows.map(({ id, cells }: any) => [id, ...cells.map(({ value }: any) => value ?? null)]);
        assert.deepEqual(read, expected, moment);
        const options = { env, reads: [folder], writes: [folder] };
        const { stdout } = await runCli(["mirror", "rows", moment, "--json"], options);
        const copied = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
        assert.deepEqual(
          new Map(copied.map(({ id, cells }) => [id, Object.values(cells)])),
          new Map(expected.map(([id, ...cells]) => [id, cells])),
          moment,
        );
      }
      assert.equal(await serve!.stop(), 0);
    } finally {
      holds.end();
      simulator.stop();
      await serve?.kill();
      await inbox.close();
      await ticketServer.stop();
      await api.stop();
    }
  });
});
