import type { Hono } from "hono";
import type { Account } from "../../account/account.ts";
import { type ApiEnv, countOf, objectOf, success, webhookOf } from "../request.ts";
import { webhookView } from "../../webhook.ts";
import { parseNewWebhook, parseWebhookChange } from "../webhook_body.ts";

/** The server reduces a larger `pageSize` to this. */
const MAX_PAGE_SIZE = 10_000;

/** `/webhooks`, as it is since June 2026. */
export function addWebhookRoutes(api: Hono<ApiEnv>, account: Account): void {
  const { webhooks } = account;
  api.get("/webhooks", (context) => {
    const pageNumber = countOf(context, "page", 1);
    const pageSize = Math.min(countOf(context, "pageSize", 100), MAX_PAGE_SIZE);
    const own = webhooks.list(context.get("user").id);
    // A list doesn't show the real `events`; only reading one webhook does.
    const data = own.slice((pageNumber - 1) * pageSize, pageNumber * pageSize)
      .map((webhook) => ({ ...webhookView(webhook), events: ["*.*"] }));
    return context.json({ pageNumber, pageSize, totalPages: -1, totalCount: -1, data });
  });

  api.post("/webhooks", async (context) => {
    const webhook = webhooks.create(parseNewWebhook(await objectOf(context)), context.get("user").id);
    return context.json(success({ result: webhookView(webhook) }));
  });

  api.get("/webhooks/:id", (context) => {
    return context.json(webhookView(webhookOf(context, account)));
  });

  api.put("/webhooks/:id", async (context) => {
    const webhook = webhookOf(context, account);
    await webhooks.update(webhook, parseWebhookChange(await objectOf(context)));
    return context.json(success({ result: webhookView(webhook) }));
  });

  api.delete("/webhooks/:id", (context) => {
    webhooks.delete(webhookOf(context, account));
    return context.json(success());
  });

  api.post("/webhooks/:id/resetsharedsecret", (context) => {
    const webhook = webhookOf(context, account);
    return context.json(success({ result: { sharedSecret: webhooks.resetSecret(webhook) } }));
  });
}
