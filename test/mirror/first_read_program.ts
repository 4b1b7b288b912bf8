// Works an inbox with an API, and says what it tells, until it is killed.
import process from "node:process";
import { createApi } from "../../src/api/api.ts";
import { sqliteInbox } from "../../src/inbox/sqlite.ts";
import { createReceiver } from "../../src/receiver.ts";
import { createLog, SECRET } from "../support/callbacks.ts";

const [file, apiUrl] = process.argv.slice(2) as [string, string];
const logger = createLog();
const api = createApi({ token: "any", apiUrl, logger });
const receiver = createReceiver({ secrets: SECRET, inbox: sqliteInbox(file), api, logger });
receiver.onChange(({ kind, sheet, row, columns }) => {
  const texts = columns.map(({ title, from, to }) => `${title}: ${from} -> ${to}`);
  console.log(`told ${kind} ${sheet.name} ${row.cells.Item} (${texts.join()})`);
});
await receiver.start();
console.log("ready to work");
