import { serve } from "@hono/node-server";
import { Hono } from "hono";
import process from "node:process";
import { createReceiver } from "../../mod.ts";
import { sqliteInbox } from "../../src/inbox/sqlite.ts";
import { secretsFile } from "../../src/secrets_file/secrets_file.ts";

const inbox = sqliteInbox("sheethook.db");
const receiver = createReceiver({ secrets: secretsFile("sheethook.secrets.json"), inbox });
receiver.on("row.created", (event) => console.log(`Row ${event.id} was created`));
await receiver.start();

const app = new Hono();
app.get("/", (context) => context.text("The rest of your application"));
app.all("/webhook", (context) => receiver.fetch(context.req.raw));

const server = serve({ fetch: app.fetch, port: Number(process.env.PORT ?? 8000) });

for (const signal of ["SIGTERM", "SIGINT"]) {
  process.once(signal, async () => {
    await receiver.stop(); // new callbacks get 503, running handlers end
    server.close();
    await inbox.close();
  });
}
