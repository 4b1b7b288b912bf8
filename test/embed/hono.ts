import { Hono } from "hono";
import { createReceiver } from "../../mod.ts";

const receiver = createReceiver({ secrets: "3qo29mvjou6xt5fujukjtwzhj0" });
receiver.on("row.created", (event) => console.log(`Row ${event.id} was created`));

const app = new Hono();
app.get("/", (context) => context.text("The rest of your application"));
app.all("/webhook", (context) => receiver.fetch(context.req.raw));

export default app;
