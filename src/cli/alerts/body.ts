import type { Alert } from "./alert.ts";
import type { AlertFormat } from "./target.ts";

/** What is posted for an alert, as JSON. */
export function alertBody(alert: Alert, format: AlertFormat): string {
  return JSON.stringify(BODIES[format](alert));
}

const BODIES: Readonly<Record<AlertFormat, (alert: Alert) => unknown>> = {
  json: (alert) => alert,

  slack: (alert) => ({
    text:
      `${isBad(alert) ? ":red_circle:" : ":large_green_circle:"} *${escaped(alert.title)}*\n${escaped(alert.text)}\n` +
      `_${escaped(sourceText(alert))}_`,
  }),

  /** https://learn.microsoft.com/en-us/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using */
  teams: (alert) => ({
    type: "message",
    attachments: [{
      contentType: "application/vnd.microsoft.card.adaptive",
      contentUrl: null,
      content: {
        $schema: "http://adaptivecards.io/schemas/adaptive-card.json",
        type: "AdaptiveCard",
        version: "1.4",
        msteams: { width: "Full" },
        body: [
          textBlock(alert.title, { weight: "Bolder", color: isBad(alert) ? "Attention" : "Good" }),
          // A card shows the quotes of code as they are.
          textBlock(alert.text.replaceAll("`", "")),
          textBlock(sourceText(alert), { isSubtle: true, size: "Small" }),
        ],
      },
    }],
  }),
};

function isBad({ state, type }: Alert): boolean {
  return state === "raised" && type !== "test";
}

function sourceText({ at, host }: Alert): string {
  return host === undefined ? `sheethook, ${at}` : `sheethook on ${host}, ${at}`;
}

/** What Slack would take for a link or a mention. https://docs.slack.dev/messaging/formatting-message-text#escaping */
function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function textBlock(text: string, style: Readonly<Record<string, unknown>> = {}) {
  return { type: "TextBlock", text, wrap: true, ...style };
}
