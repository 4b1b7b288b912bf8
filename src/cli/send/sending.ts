import { CHALLENGE_HEADER, SIGNATURE_HEADER } from "../../smartsheet/headers.ts";
import { signBody } from "../../receive/signature.ts";
import { type Answer, deliver } from "./deliver.ts";
import { peekBody } from "../terminal/read_input.ts";
import type { SigningSecrets } from "../secrets/signing_secret.ts";
import { judgeAnswer, judgeChallenge, type Verdict } from "./verdict.ts";

/** An answer, and how Smartsheet would treat it. */
export interface Sending {
  readonly answer: Answer;
  readonly verdict: Verdict;
}

/** Where and how to send. */
export interface Target {
  readonly url: URL;
  readonly timeoutMs: number;
  /** The webhook whose secret signs the body; by default the webhook in the body. */
  readonly webhookId: number | undefined;
  readonly secrets: SigningSecrets;
}

/**
 * Sends a body as Smartsheet would: a challenge with its header, everything else signed.
 *
 * @throws {SheethookError} `option_invalid` if there is no secret
 * @throws {Error} if there is no answer
 */
export async function send(body: Uint8Array<ArrayBuffer>, target: Target): Promise<Sending> {
  const { challenge, webhookId, events, newWebhookStatus } = peekBody(body);
  if (typeof challenge === "string" && events == null && newWebhookStatus == null) {
    const answer = await deliver(target.url, { body, headers: { [CHALLENGE_HEADER]: challenge } }, target.timeoutMs);
    return { answer, verdict: judgeChallenge(answer, challenge) };
  }
  const owner = target.webhookId ?? (typeof webhookId === "number" ? webhookId : undefined);
  const headers = { [SIGNATURE_HEADER]: await signBody(body, target.secrets.secretOf(owner)) };
  const answer = await deliver(target.url, { body, headers }, target.timeoutMs);
  return { answer, verdict: judgeAnswer(answer.status) };
}
