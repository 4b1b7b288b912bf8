import { InvalidArgumentError } from "commander";
import type { Simulator } from "../../simulator/simulator.ts";

/** A sheet that exists from the start. */
export interface NewSheet {
  readonly name: string;
  readonly titles: readonly string[];
}

/** Sheets with semicolons between them, because columns have commas. */
export function parseSheets(given: string, previous: readonly NewSheet[] = []): readonly NewSheet[] {
  const added = given.split(";").filter((part) => part.trim()).map((part) => {
    const [, name = "", columns = ""] = /^([^:]+):(.+)$/.exec(part) ?? [];
    const titles = columns.split(",").map((title) => title.trim());
    if (!name.trim() || titles.includes("")) {
      throw new InvalidArgumentError("It should be a name, a colon, and titles with commas: Orders:Item,State.");
    }
    return { name: name.trim(), titles };
  });
  return [...previous, ...added];
}

/** Creates the sheet. @returns its ids, and commands to copy into another terminal */
export function createSheet({ name, titles }: NewSheet, simulator: Simulator, apiUrl: string): string {
  const { sheetId, columnIds } = simulator.createSheet(name, titles);
  const columns = Object.entries(columnIds).map(([title, id]) => `${title} ${id}`).join(", ");
  const edit = JSON.stringify({ sheetId, cells: [{ column: titles[0], value: "Rope" }] });
  return [
    `sheet ${name} ${sheetId}, columns: ${columns}`,
    "  to watch it, while serve runs:",
    `    SMARTSHEET_API_URL=${apiUrl} SMARTSHEET_ACCESS_TOKEN=any npx sheethook webhooks create ${sheetId} http://127.0.0.1:8000/webhook`,
    "  to add a row, as a person does:",
    `    curl ${apiUrl.replace(/2\.0$/, "_simulator/edits")} -d '${edit.replaceAll("'", "'\\''")}'`,
  ].join("\n");
}
