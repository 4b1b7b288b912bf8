import { getRequestListener } from "@hono/node-server";
import fastify from "fastify";
import process from "node:process";
import { createReceiver } from "../../mod.ts";
import { sqliteInbox } from "../../src/inbox/sqlite.ts";
import { secretsFile } from "../../src/secrets_file/secrets_file.ts";

const inbox = sqliteInbox("sheethook.db");
const receiver = createReceiver({ secrets: secretsFile("sheethook.secrets.json"), inbox });
receiver.on("row.created", (event) => console.log(`Row ${event.id} was created`));
await receiver.start();

const app = fastify();
app.get("/", () => "The rest of your application");
app.register((scope, _options, done) => {
  const listener = getRequestListener(receiver.fetch);
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser("*", (_request, _body, done) => done(null)); // leaves the body to the receiver
  scope.all("/webhook", (request, reply) => {
    reply.hijack();
    void listener(request.raw, reply.raw);
  });
  done();
});

await app.listen({ host: "0.0.0.0", port: Number(process.env.PORT ?? 8000) });

for (const signal of ["SIGTERM", "SIGINT"]) {
  process.once(signal, async () => {
    await receiver.stop(); // new callbacks get 503, running handlers end
    await app.close();
    await inbox.close();
  });
}
