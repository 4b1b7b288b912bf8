import { SIGNATURE_HEADER } from "../../smartsheet/headers.ts";
import { GIVE_ID, type Target } from "./challenge.ts";
import type { Outcome, Probes } from "./probes.ts";
import { error, type Finding, fine, unchecked, warning } from "./finding.ts";
import { judgeAnswer } from "../send/verdict.ts";

const GIVE_SECRET = "give its sharedSecret in SHEETHOOK_SECRET, or in the secrets file";
const ANSWER_200 = "answer 200, and nothing else, once the callback is stored";

/** Event and status callbacks with the right signature. */
export async function checkSigned(probes: Probes, target: Target): Promise<Finding[]> {
  if (!target.hasSecret) return [unchecked("signed", "Without a secret no callback can be signed", GIVE_SECRET)];
  const events = judgeSigned("signed", "A signed callback", await probes.events(1, "signed"), target);
  if (events.severity !== "ok") return [events];
  return [events, judgeSigned("status", "A signed status callback (newWebhookStatus)", await probes.status(), target)];
}

function judgeSigned(check: string, what: string, outcome: Outcome, { isOwnId, webhookId }: Target): Finding {
  if (outcome instanceof Error) return error(check, `${what} has no answer: ${outcome.message}`, ANSWER_200);
  const { status } = outcome;
  const { ok, text } = judgeAnswer(status);
  if (ok) return fine(check, `${what} is answered with 200`);
  if (status === 403 && !isOwnId) {
    return unchecked(check, `${what} of webhook ${webhookId}, which is a sample id, is answered with 403`, GIVE_ID);
  }
  const toDo = status === 403
    ? "check that --webhook-id or the secrets file here names a webhook of this receiver"
    : status === 401
    ? "check that the secret here is this webhook's sharedSecret, the one that the receiver has"
    : status === 503
    ? "see the receiver's log: it knows no secret yet, can't store, or is stopping"
    : ANSWER_200;
  return error(check, `${what} is answered with ${status}: ${text}`, toDo);
}

/** Callbacks that anyone could forge. @param isThere whether anything else was accepted at this path */
export async function checkUnsigned(probes: Probes, { isOwnId }: Target, isThere: boolean): Promise<Finding[]> {
  const judge = (what: string, outcome: Outcome) => judgeUnsigned(what, outcome, isOwnId, isThere);
  return [
    judge("An unsigned callback", await probes.events(1, "unsigned")),
    judge("A callback with a wrong signature", await probes.events(1, "forged")),
  ];
}

function judgeUnsigned(what: string, outcome: Outcome, isOwnId: boolean, isThere: boolean): Finding {
  const check = "signature";
  if (outcome instanceof Error) return warning(check, `${what} has no answer: ${outcome.message}`, "answer 401");
  const { status } = outcome;
  if (status < 300) {
    return error(
      check,
      `${what} is accepted (${status}): anyone can forge events`,
      `check ${SIGNATURE_HEADER} on each callback over the raw body, and answer 401 when it is missing or wrong`,
    );
  }
  if (status === 503) {
    return unchecked(
      check,
      `${what} is answered with 503, which may have another reason`,
      "see the receiver's log, and try again",
    );
  }
  if ((status === 404 || status === 405) && !isThere) {
    return unchecked(check, `${what} is refused with ${status}, as everything at this path may be`, "check the path");
  }
  if (status >= 500) return warning(check, `${what} makes it fail (${status})`, "answer 401");
  if (status === 403 && !isOwnId) {
    return unchecked(check, `${what} is refused with 403, maybe because the webhook id is a sample`, GIVE_ID);
  }
  return fine(check, `${what} is refused with ${status}`);
}

/** Bodies as large as Smartsheet sends them: 616 changed cells are 100 kB. */
export async function checkBodyLimit(probes: Probes, target: Target): Promise<Finding[]> {
  const signing = target.hasSecret ? "signed" : "unsigned";
  for (const [count, size] of [[700, "100 kB"], [7000, "1 MB"]] as const) {
    const outcome = await probes.events(count, signing);
    const toDo = 'accept bodies of 10 MiB (Express: express.raw({ limit: "10mb" }); nginx: client_max_body_size 10m)';
    const toStore =
      "see its log; if it stores callbacks in a queue, store large bodies elsewhere: a message of Cloudflare Queues holds 128 kB";
    if (outcome instanceof Error) {
      return [error("body", `A callback of over ${size} has no answer: ${outcome.message}`, toDo)];
    }
    const { status } = outcome;
    if (status === 413) {
      return [
        error(
          "body",
          `A callback of over ${size} is too large for it (413): Smartsheet retries it in vain, and then disables the webhook`,
          toDo,
        ),
      ];
    }
    if (status >= 500 || (target.hasSecret && status !== 200 && status !== 403)) {
      const small = await probes.events(1, signing);
      if (!(small instanceof Error) && small.status === status) {
        const text = `A callback of over ${size} is answered with ${status}, but so is a small one`;
        return [unchecked("body", text, "see the receiver's log, and try again")];
      }
      return [
        error(
          "body",
          `A callback of over ${size} is answered with ${status}, a small one is not`,
          status >= 500 ? toStore : toDo,
        ),
      ];
    }
  }
  return [fine("body", "A body of over 1 MB isn't too large")];
}

/** Smartsheet waits about 5 s. */
export function checkTimes({ times }: Probes): Finding[] {
  const slowest = times.toSorted((a, b) => b.ms - a.ms)[0];
  if (!slowest) return [];
  const text = `The slowest answer took ${Math.round(slowest.ms)} ms (${slowest.name})`;
  const toDo = "answer as soon as the callback is stored, and process it afterwards";
  if (slowest.ms > 4000) {
    return [error("time", `${text}: Smartsheet gives up after about 5 s, and sends it again`, toDo)];
  }
  return [slowest.ms > 2000 ? warning("time", text, toDo) : fine("time", text)];
}
