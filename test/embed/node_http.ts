import { getRequestListener } from "@hono/node-server";
import { createServer } from "node:http";
import { createReceiver } from "../../mod.ts";

const receiver = createReceiver({ secrets: "3qo29mvjou6xt5fujukjtwzhj0" });
receiver.on("row.created", (event) => console.log(`Row ${event.id} was created`));

const listener = getRequestListener(receiver.fetch);
createServer((request, response) => {
  if (request.url === "/webhook") return void listener(request, response);
  response.end("The rest of your application");
}).listen(Number(process.env.PORT ?? 8000));
