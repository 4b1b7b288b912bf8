import process from "node:process";
import { createReceiver } from "../../mod.ts";
import { sqliteInbox } from "../../src/inbox/sqlite.ts";
import { secretsFile } from "../../src/secrets_file/secrets_file.ts";

const inbox = sqliteInbox("sheethook.db");
const receiver = createReceiver({ secrets: secretsFile("sheethook.secrets.json"), inbox });
receiver.on("row.created", (event) => console.log(`Row ${event.id} was created`));
await receiver.start();

const server = Bun.serve({
  port: Number(process.env.PORT ?? 8000),
  routes: { "/": new Response("The rest of your application"), "/webhook": receiver.fetch },
});

for (const signal of ["SIGTERM", "SIGINT"]) {
  process.once(signal, async () => {
    await receiver.stop(); // new callbacks get 503, running handlers end
    await server.stop();
    await inbox.close();
  });
}
