import { createReceiver } from "../../mod.ts";

const receiver = createReceiver({ secrets: "3qo29mvjou6xt5fujukjtwzhj0" });
receiver.on("row.created", (event) => console.log(`Row ${event.id} was created`));

Deno.serve({ port: Number(Deno.env.get("PORT") ?? 8000) }, receiver.fetch);
