import { startServer } from "../../../src/cli/server_adapter.ts";
import { createSimulator } from "../../../src/simulator/simulator.ts";
import { createLog } from "../../support/callbacks.ts";

/** A sheet behind HTTP. */
export interface ServedSheet {
  readonly apiUrl: string;
  readonly sheetId: number;
  stop(): Promise<void>;
}

const STATUSES = ["Open", "Approved", "Done"];
/** What cells hold, column by column, again and again. */
const KINDS: readonly { readonly type: string; readonly options?: readonly string[]; value(row: number): unknown }[] = [
  { type: "TEXT_NUMBER", value: (row) => `Rope of ${row} m, galvanised, with two thimbles` },
  { type: "TEXT_NUMBER", value: (row) => row * 1.25 },
  { type: "PICKLIST", options: STATUSES, value: (row) => STATUSES[row % 3] },
  { type: "DATE", value: (row) => `2026-11-${String(1 + row % 28).padStart(2, "0")}` },
  { type: "CONTACT_LIST", value: (row) => `person.${row % 50}@example.com` },
];

/** Serves a sheet from a simulator. An answer is kept, so that the second time it comes at once. */
export async function serveSheet(rowCount: number, columnCount: number): Promise<ServedSheet> {
  const simulator = createSimulator({ seed: 1 });
  const kindOf = (column: number) => KINDS[column % KINDS.length]!;
  const columns = Array.from({ length: columnCount }, (_, column) => {
    const { type, options } = kindOf(column);
    return { title: `Column ${column + 1}`, type, primary: column === 0, ...(options && { options: [...options] }) };
  });
  const { sheetId } = simulator.createSheet(
    "Orders",
    columns,
    // deno-lint-ignore no-explicit-any
    Array.from({ length: rowCount }, (_, row) => columns.map((_, column) => kindOf(column).value(row) as any)),
  );
  const answers = new Map<string, Promise<string>>();
  const server = await startServer({
    async fetch(request) {
      const { url } = request;
      if (!answers.has(url)) answers.set(url, simulator.fetch(request).then((answer) => answer.text()));
      return new Response(await answers.get(url), { headers: { "content-type": "application/json" } });
    },
    port: 0,
    hostname: "127.0.0.1",
    path: "*",
    logger: createLog(),
  });
  return {
    apiUrl: `${server.url}/2.0`,
    sheetId,
    async stop() {
      simulator.stop();
      await server.stop();
    },
  };
}
