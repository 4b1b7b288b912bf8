import { createReceiver } from "../../mod.ts";
import { sqliteInbox } from "../../src/inbox/sqlite.ts";
import { secretsFile } from "../../src/secrets_file/secrets_file.ts";

const inbox = sqliteInbox("sheethook.db");
const receiver = createReceiver({ secrets: secretsFile("sheethook.secrets.json"), inbox });
receiver.on("row.created", (event) => console.log(`Row ${event.id} was created`));
await receiver.start();

const server = Deno.serve({ port: Number(Deno.env.get("PORT") ?? 8000) }, (request) => {
  if (new URL(request.url).pathname === "/webhook") return receiver.fetch(request);
  return new Response("The rest of your application");
});

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  Deno.addSignalListener(signal, async () => {
    await receiver.stop(); // new callbacks get 503, running handlers end
    await server.shutdown();
    await inbox.close();
    Deno.exit();
  });
}
