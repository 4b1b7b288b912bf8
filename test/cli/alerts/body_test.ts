import assert from "node:assert/strict";
import { test } from "node:test";
import type { Alert } from "../../../src/cli/alerts/alert.ts";
import { createAlertQueue } from "../../../src/cli/alerts/queue.ts";
import { news } from "../../../src/cli/alerts/news.ts";
import { parseAlertTargets } from "../../../src/cli/alerts/target.ts";
import { createLog } from "../../support/callbacks.ts";

const alert: Alert = {
  ...news.webhookDisabled({ id: 2674017481058180, status: "DISABLED_BY_OWNER" }),
  at: "2026-01-31T08:00:00.000Z",
  host: "a<b>&c",
};

/** What a target at `url` is sent. */
async function sentTo(url: string, sent = alert) {
  const bodies: string[] = [];
  const [target] = parseAlertTargets([url]);
  const queue = createAlertQueue(target!, {
    logger: createLog(),
    fetch(input, init) {
      assert.equal(String(input), url);
      bodies.push(String(init?.body));
      return Promise.resolve(new Response("ok"));
    },
  });
  queue.add(sent);
  await queue.stop(60_000);
  return JSON.parse(bodies[0]!);
}

test("Slack gets a text, in which nothing is taken for a link or a mention", async () => {
  for (const host of ["hooks.slack.com", "hooks.slack-gov.com"]) {
    const body = await sentTo(`https://${host}/services/T0/B0/x`);
    assert.deepEqual(Object.keys(body), ["text"]);
    const [title, text, source] = body.text.split("\n");
    assert.equal(title, ":red_circle: *Webhook 2674017481058180 is DISABLED_BY_OWNER*");
    assert.match(text, /^Its owner disabled it\. .*`sheethook webhooks enable`/);
    assert.equal(source, "_sheethook on a&lt;b&gt;&amp;c, 2026-01-31T08:00:00.000Z_");
  }
  const over = await sentTo("https://hooks.slack.com/services/T0/B0/x", { ...alert, ...news.webhookEnabled(1) });
  assert.match(over.text, /^:large_green_circle: \*Webhook 1 is enabled again\*/);
});

test("Teams gets an adaptive card, from a connector and from a workflow", async () => {
  for (
    const url of [
      "https://example.webhook.office.com/webhookb2/x/IncomingWebhook/y/z",
      "https://prod-12.westeurope.logic.azure.com/workflows/x/triggers/manual/paths/invoke?sig=y",
      "https://default0123.4f.environment.api.powerplatform.com/powerautomate/automations/direct/workflows/x?sig=y",
    ]
  ) {
    const body = await sentTo(url);
    assert.equal(body.type, "message");
    const [{ contentType, content }, ...more] = body.attachments;
    assert.deepEqual([contentType, content.type, more], [
      "application/vnd.microsoft.card.adaptive",
      "AdaptiveCard",
      [],
    ]);
    const [title, text, source] = content.body;
    assert.deepEqual([title.type, title.text, title.color], ["TextBlock", alert.title, "Attention"]);
    assert.equal(text.text, alert.text.replaceAll("`", ""));
    assert.equal(source.text, "sheethook on a<b>&c, 2026-01-31T08:00:00.000Z");
    assert.ok(content.body.every(({ wrap }: { wrap: boolean }) => wrap));
  }
});

test("a host that only looks like theirs gets JSON", async () => {
  for (
    const url of [
      "https://hooks.slack.com.example.com/services/x",
      "https://example.com/hooks.slack.com",
      "https://webhook.office.com.example.com/x",
      "https://logic.azure.com/x",
    ]
  ) {
    assert.deepEqual(await sentTo(url), alert);
  }
});
