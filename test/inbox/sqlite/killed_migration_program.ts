// Opens an inbox, and kills itself in front of the statement that holds a text.
import process from "node:process";
import { DatabaseSync } from "node:sqlite";
import { sqliteInbox } from "../../../src/inbox/sqlite.ts";

const [file, text] = process.argv.slice(2) as [string, string];
const { exec } = DatabaseSync.prototype;
DatabaseSync.prototype.exec = function (statement) {
  if (statement.includes(text)) process.kill(process.pid, "SIGKILL");
  return exec.call(this, statement);
};
await sqliteInbox(file).close();
console.log("opened");
