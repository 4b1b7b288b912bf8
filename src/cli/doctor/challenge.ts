import { CHALLENGE_RESPONSE_HEADER } from "../../smartsheet/headers.ts";
import type { Probes } from "./probes.ts";
import { error, type Finding, fine, unchecked, warning } from "./finding.ts";
import { printable } from "../../text.ts";
import { judgeChallenge } from "../send/verdict.ts";

/** What is known about the receiver. */
export interface Patient {
  readonly url: URL;
  readonly webhookId: number;
  /** False if the id is made up: then a receiver may refuse it. */
  readonly isOwnId: boolean;
  readonly hasSecret: boolean;
}

/** What helps where a made-up webhook is refused. */
export const GIVE_ID = "give the id of its webhook with --webhook-id";

/** What helps where a webhook is refused that somebody named: its id, or a secrets file, may be another receiver's. */
const NOT_OURS =
  "check that --webhook-id or the secrets file here names a webhook of this receiver's; if so, add it there (serve: --webhook-ids, or its secrets file)";

/** The challenge; with `connection` or `redirect` nobody is there to be asked more. */
export async function checkChallenge(probes: Probes, patient: Patient): Promise<Finding[]> {
  const { challenge, outcome } = await probes.challenge(patient.webhookId);
  if (outcome instanceof Error) return [error("connection", outcome.message, "make it answer, then ask again")];
  const { status, location } = outcome;
  if (status >= 300 && status < 400) {
    const to = location === undefined ? "elsewhere" : printable(URL.parse(location, patient.url)?.href ?? location);
    return [
      error(
        "redirect",
        `The challenge is answered with ${status}, to ${to}: Smartsheet follows none`,
        "give Smartsheet the URL that answers itself",
      ),
    ];
  }
  if (status === 403 && !patient.isOwnId) {
    return [
      unchecked("challenge", `The receiver answers 403 to webhook ${patient.webhookId}, which is made up`, GIVE_ID),
    ];
  }
  const verdict = judgeChallenge(outcome, challenge);
  if (!verdict.ok) {
    if (status === 403) {
      return [error(
        "challenge",
        `The receiver answers 403 to webhook ${patient.webhookId}: it isn't one of the receiver's (${verdict.text})`,
        NOT_OURS,
      )];
    }
    const toDo = status === 404
      ? "check the path"
      : `send the challenge back with 200, in the header ${CHALLENGE_RESPONSE_HEADER}`;
    return [error("challenge", `The answer was ${status}: ${verdict.text}`, toDo)];
  }
  return [fine("challenge", "The challenge came back")];
}

/** Whether it leaves webhooks of others alone. */
export async function checkForeignWebhook(probes: Probes, foreignId: number): Promise<Finding[]> {
  const { challenge, outcome } = await probes.challenge(foreignId);
  if (outcome instanceof Error || !judgeChallenge(outcome, challenge).ok) {
    return [fine("foreign", "A webhook of somebody else isn't verified")];
  }
  return [
    warning(
      "foreign",
      "The challenge of any webhook is answered: anyone may point theirs at this URL",
      "refuse others with 403 (serve: --webhook-ids, or secrets by webhook id in the secrets file)",
    ),
  ];
}

/** The same path with, or without, a slash at its end: where people paste the wrong one. */
export async function checkSlash(probes: Probes, { url, webhookId }: Patient): Promise<Finding[]> {
  const other = new URL(url);
  other.pathname = /[^/]\/$/.test(url.pathname) ? url.pathname.replace(/\/$/, "") : `${url.pathname}/`;
  if (url.pathname === "/") return [];
  const { outcome } = await probes.challenge(webhookId, other);
  if (outcome instanceof Error || outcome.status < 300 || outcome.status >= 400) return [];
  return [
    warning(
      "slash",
      `${other.pathname} is answered with a redirect (${outcome.status}): a webhook that has that URL would be disabled`,
      `give Smartsheet exactly ${url.href}`,
    ),
  ];
}

/** What a browser sees: nothing that matters to Smartsheet, unless somebody else answers. */
export async function checkGet(probes: Probes): Promise<Finding[]> {
  const outcome = await probes.get();
  if (outcome instanceof Error) {
    return [warning("get", `A GET has no answer (${outcome.message})`, "answer 405: people will try it in a browser")];
  }
  if (outcome.status < 500) return [fine("get", `A GET is answered with ${outcome.status}`)];
  return [warning("get", `A GET is answered with ${outcome.status}`, "answer 405: people will try it in a browser")];
}
