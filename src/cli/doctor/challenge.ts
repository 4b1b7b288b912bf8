import { CHALLENGE_RESPONSE_HEADER } from "../../smartsheet/headers.ts";
import type { Probes } from "./probes.ts";
import { error, type Finding, fine, unchecked, warning } from "./finding.ts";
import { printable } from "../../text.ts";
import { judgeChallenge } from "../send/verdict.ts";

/** The receiver that is checked. */
export interface Target {
  readonly url: URL;
  readonly webhookId: number;
  /** False if the id is a sample, which a receiver may refuse. */
  readonly isOwnId: boolean;
  readonly hasSecret: boolean;
}

/** What to do if a sample id is refused. */
export const GIVE_ID = "give the id of its webhook with --webhook-id";

/** What to do if a given webhook is refused: its id, or the secrets file, may belong to another receiver. */
const NOT_OURS =
  "check that --webhook-id or the secrets file here names a webhook of this receiver; if so, add it there (serve: --webhook-ids, or its secrets file)";

/** Sends a challenge. A finding named `connection` or `redirect` means that no further check makes sense. */
export async function checkChallenge(probes: Probes, target: Target): Promise<Finding[]> {
  const { challenge, outcome } = await probes.challenge(target.webhookId);
  if (outcome instanceof Error) return [error("connection", outcome.message, "make it answer, then try again")];
  const { status, location } = outcome;
  if (status >= 300 && status < 400) {
    const to = location === undefined ? "elsewhere" : printable(URL.parse(location, target.url)?.href ?? location);
    return [
      error(
        "redirect",
        `The challenge is answered with ${status}, to ${to}: Smartsheet follows no redirects`,
        "give Smartsheet the URL that the redirect leads to",
      ),
    ];
  }
  if (status === 403 && !target.isOwnId) {
    return [
      unchecked("challenge", `The receiver answers 403 to webhook ${target.webhookId}, which is a sample id`, GIVE_ID),
    ];
  }
  const verdict = judgeChallenge(outcome, challenge);
  if (!verdict.ok) {
    if (status === 403) {
      return [error(
        "challenge",
        `The receiver answers 403 to webhook ${target.webhookId}: it doesn't belong to the receiver (${verdict.text})`,
        NOT_OURS,
      )];
    }
    const toDo = status === 404
      ? "check the path"
      : `send the challenge back with 200, in the header ${CHALLENGE_RESPONSE_HEADER}`;
    return [error("challenge", `The answer was ${status}: ${verdict.text}`, toDo)];
  }
  return [fine("challenge", `The challenge of webhook ${target.webhookId} came back`)];
}

/** Whether the receiver refuses the webhooks of others. */
export async function checkForeignWebhook(probes: Probes, foreignId: number): Promise<Finding[]> {
  const { challenge, outcome } = await probes.challenge(foreignId);
  if (outcome instanceof Error || !judgeChallenge(outcome, challenge).ok) {
    return [fine("foreign", "The challenge of another webhook is refused")];
  }
  return [
    warning(
      "foreign",
      "The challenge of any webhook is answered: anyone may point theirs at this URL",
      "refuse others with 403 (serve: --webhook-ids, or secrets by webhook id in the secrets file)",
    ),
  ];
}

/** The same path with or without a slash at its end, which people may give to Smartsheet by mistake. */
export async function checkSlash(probes: Probes, { url, webhookId }: Target): Promise<Finding[]> {
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

/** A GET, as of a browser; Smartsheet sends none. */
export async function checkGet(probes: Probes): Promise<Finding[]> {
  const outcome = await probes.get();
  if (outcome instanceof Error) {
    return [warning("get", `A GET has no answer (${outcome.message})`, "answer 405: people will try it in a browser")];
  }
  if (outcome.status < 500) return [fine("get", `A GET is answered with ${outcome.status}`)];
  return [warning("get", `A GET is answered with ${outcome.status}`, "answer 405: people will try it in a browser")];
}
