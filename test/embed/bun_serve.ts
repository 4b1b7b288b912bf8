import { createReceiver } from "../../mod.ts";

const receiver = createReceiver({ secrets: "3qo29mvjou6xt5fujukjtwzhj0" });
receiver.on("row.created", (event) => console.log(`Row ${event.id} was created`));

Bun.serve({ port: Number(process.env.PORT ?? 8000), routes: { "/webhook": receiver.fetch } });
