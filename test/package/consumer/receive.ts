// What a stranger would write first: a challenge and a signed callback, through the door that is named on the command
// line. It prints what it got.
import process from "node:process";
import { createReceiver, signBody } from "sheethook";
import { memoryInbox } from "sheethook/inbox/memory";

const secret = "3qo29mvjou6xt5fujukjtwzhj0";
const receiver = createReceiver({ secrets: secret, inbox: memoryInbox() });
const created = new Promise<number>((resolve) => receiver.on("row.created", (event) => resolve(event.id)));
await receiver.start();

const { serve } = process.argv[2] === "bun"
  ? await import("sheethook/serve/bun")
  : process.argv[2] === "deno"
  ? await import("sheethook/serve/deno")
  : await import("sheethook/serve/node");
const server = await serve({ fetch: receiver.fetch, port: 0, hostname: "127.0.0.1" });

const challenge = await fetch(server.url, { method: "POST", headers: { "Smartsheet-Hook-Challenge": "d78dd1d3" } });
const body = JSON.stringify({
  nonce: "4b2ed20d-6f00-4b0c-8fac-082182aa9aac",
  timestamp: "2025-02-01T10:00:00.000+00:00",
  webhookId: 4503604829677444,
  scope: "sheet",
  scopeObjectId: 4509506114742148,
  events: [{ objectType: "row", eventType: "created", id: 8320407, timestamp: "2025-02-01T09:59:00.000+00:00" }],
});
const headers = { "Smartsheet-Hmac-SHA256": await signBody(body, secret) };
const stored = await fetch(server.url, { method: "POST", headers, body });
await stored.text();

console.log(JSON.stringify({ challenge: await challenge.json(), stored: stored.status, created: await created }));
await receiver.stop();
await server.stop();
