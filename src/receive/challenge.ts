import { SheethookError } from "../errors.ts";
import { CHALLENGE_RESPONSE_HEADER } from "../smartsheet/headers.ts";

const VALID = /^[\x21-\x7e]{1,256}$/;

/**
 * The text to echo, if the request is a challenge: it has the header, or its JSON has `challenge` and `webhookId` and
 * neither `events` nor `newWebhookStatus`.
 *
 * Smartsheet sends one when a webhook is enabled and then once every 100 callbacks, for ever:
 * https://developers.smartsheet.com/api/smartsheet/guides/webhooks/webhook-verification
 *
 * @returns undefined if it isn't a challenge
 * @throws {SheethookError} `challenge_invalid` if it is one that mustn't be echoed
 */
export function parseChallenge(header: string | null, body: Record<string, unknown> | undefined): string | undefined {
  const inBody = body?.challenge ?? undefined;
  if (header === null && (inBody === undefined || body?.webhookId == null)) return undefined;
  if (header === null && (body?.events ?? body?.newWebhookStatus) != null) return undefined;
  const challenge = header ?? inBody;
  if (typeof challenge !== "string" || !VALID.test(challenge)) {
    throw new SheethookError("challenge_invalid", "Challenge should be 1 to 256 characters of visible ASCII");
  }
  if (inBody !== undefined && inBody !== challenge) {
    throw new SheethookError("challenge_invalid", "Challenge differs between header and body");
  }
  return challenge;
}

/** 200, with the challenge in the header and in the body: Smartsheet takes either. */
export function challengeResponse(challenge: string): Response {
  const headers = { [CHALLENGE_RESPONSE_HEADER]: challenge, "x-content-type-options": "nosniff" };
  return Response.json({ smartsheetHookResponse: challenge }, { headers });
}
