import type { DeliveryOutcome } from "./answer.ts";
import type { DeliveryLog } from "./log.ts";
import type { SimulatorSettings } from "../options.ts";
import { type Answer, send } from "./send.ts";
import type { Webhook } from "../webhook.ts";

/**
 * Sends the receiver a challenge, once; as far as known, without a signature.
 * https://developers.smartsheet.com/api/smartsheet/guides/webhooks/webhook-verification
 *
 * @returns undefined if the receiver echoed it, or why it failed
 */
export async function challenge(
  webhook: Webhook,
  attempt: number,
  outcomeOfFailure: DeliveryOutcome,
  { settings, log, stop }: { settings: SimulatorSettings; log: DeliveryLog; stop: AbortSignal },
): Promise<string | undefined> {
  const { id, callbackUrl, customHeaders } = webhook;
  const value = settings.random.uuid();
  const end = log.begin({ webhookId: id, kind: "challenge", url: callbackUrl, attempt });
  const body = JSON.stringify({ challenge: value, webhookId: id });
  const headers = { ...customHeaders, "Smartsheet-Hook-Challenge": value };
  const answer = await send(callbackUrl, body, headers, true, settings, stop);
  const failure = failureOf(answer, value);
  end({
    status: typeof answer.status === "number" ? answer.status : null,
    error: typeof answer.status === "number" ? failure ?? null : answer.error!,
    outcome: failure === undefined ? "done" : outcomeOfFailure,
  });
  return failure;
}

function failureOf({ status, error, headers, text }: Answer, value: string): string | undefined {
  if (status === "timeout") return `Request timed out: ${error}`;
  if (status === "unreachable") return `Request failed: ${error}`;
  if (status !== 200) return `Request returned HTTP status code ${status}`;
  if (headers!.get("Smartsheet-Hook-Response") === value || responseIn(text!) === value) return undefined;
  return "Response did not echo the challenge";
}

function responseIn(text: string): unknown {
  try {
    return JSON.parse(text)?.smartsheetHookResponse;
  } catch {
    return undefined;
  }
}
