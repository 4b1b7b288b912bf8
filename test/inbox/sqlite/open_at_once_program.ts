// Opens the files of a folder, one after another, each at the moment at which its twin does the same.
import { join } from "node:path";
import process from "node:process";
import { sqliteInbox } from "../../../src/inbox/sqlite.ts";

const [folder, startAt, files] = process.argv.slice(2) as [string, string, string];
for (let file = 0; file < Number(files); file++) {
  const at = Number(startAt) + file * 120;
  await new Promise((resolve) => setTimeout(resolve, at - Date.now() - 5));
  while (Date.now() < at);
  await sqliteInbox(join(folder, `${file}.db`)).close();
}
console.log("all opened");
