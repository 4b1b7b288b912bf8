import { getRequestListener } from "@hono/node-server";
import express from "express";
import process from "node:process";
import { createReceiver } from "../../mod.ts";
import { sqliteInbox } from "../../src/inbox/sqlite.ts";
import { secretsFile } from "../../src/secrets_file/secrets_file.ts";

const inbox = sqliteInbox("sheethook.db");
const receiver = createReceiver({ secrets: secretsFile("sheethook.secrets.json"), inbox });
receiver.on("row.created", (event) => console.log(`Row ${event.id} was created`));
await receiver.start();

const app = express();
app.all("/webhook", getRequestListener(receiver.fetch)); // before express.json(), which would read the body first
app.use(express.json());
app.get("/", (_request, response) => void response.send("The rest of your application"));

const server = app.listen(Number(process.env.PORT ?? 8000));

for (const signal of ["SIGTERM", "SIGINT"]) {
  process.once(signal, async () => {
    await receiver.stop(); // new callbacks get 503, running handlers end
    server.close();
    await inbox.close();
  });
}
