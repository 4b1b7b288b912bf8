import { CHALLENGE_RESPONSE_HEADER } from "../../smartsheet/headers.ts";
import type { Answer } from "./deliver.ts";

/** How Smartsheet would treat an answer, according to its documentation. */
export interface Verdict {
  readonly ok: boolean;
  readonly text: string;
}

const DISABLED = "Smartsheet would disable the webhook at once and not send this again";
const RETRIED = "Smartsheet would send it again, 14 times over about a day, and then disable the webhook";

/** https://developers.smartsheet.com/api/smartsheet/guides/webhooks/webhook-callbacks */
export function judgeAnswer(status: number): Verdict {
  if (status === 200) return { ok: true, text: "Smartsheet would accept this" };
  if (status >= 300 && status <= 308) {
    return { ok: false, text: "Smartsheet doesn't document redirects: the answer should be 200" };
  }
  const retried = status >= 400 && status <= 599 && status !== 410;
  return { ok: false, text: retried ? RETRIED : DISABLED };
}

/** The same for the answer to a challenge, which is returned in the header, in the body, or in both. */
export function judgeChallenge({ status, challengeResponse, body }: Answer, challenge: string): Verdict {
  const failed = (why: string): Verdict => ({
    ok: false,
    text: `Smartsheet would not enable the webhook (DISABLED_VERIFICATION_FAILED): ${why}`,
  });
  if (status !== 200) return failed("the answer to a challenge should be 200");
  if ((challengeResponse ?? challenge) !== challenge) {
    return failed(`the header ${CHALLENGE_RESPONSE_HEADER} is not the challenge`);
  }
  const inBody = bodyResponse(body);
  if ((inBody ?? challenge) !== challenge) return failed("smartsheetHookResponse in the body is not the challenge");
  if (challengeResponse === null && inBody === undefined) {
    return failed(`the challenge should come back in ${CHALLENGE_RESPONSE_HEADER}`);
  }
  return { ok: true, text: "Smartsheet would enable the webhook: the challenge came back" };
}

function bodyResponse(body: string): unknown {
  try {
    return JSON.parse(body)?.smartsheetHookResponse ?? undefined;
  } catch {
    return undefined;
  }
}
