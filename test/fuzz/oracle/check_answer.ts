import type { Answer } from "../http/answer.ts";
import type { NoAnswer } from "../http/connection.ts";
import { WEBHOOKS } from "../requests/callback.ts";
import { type Expectation, inWords } from "./expectation.ts";

/** What a stack, a path of a source file or a secret looks like in an answer. */
const LEAKS = [
  /\n\s+at /,
  /\bat \S+:\d+:\d+/,
  /file:\/\//,
  /node_modules|\.ts\b/,
  /(Type|Range|Syntax|Sheethook)Error/,
];
/** A store, a look at a secret, or a body may take so long on a machine that has other work: the contract's limits. */
const ACCEPT_MS = 3900;
const BODY_MS = 9900;

/** What of an answer isn't as the contract has it; undefined if all is. */
export function wrongWith(answer: Answer | NoAnswer, expected: Expectation, tookMs: number): string | undefined {
  if (answer === "silent") return "no answer within the time limit";
  if (answer === "closed") {
    return expected.mayClose ? undefined : `closed without an answer, should be ${inWords(expected)}`;
  }
  const { status, headers } = answer;
  if (status === 503 && tookMs > ACCEPT_MS && headers.has("retry-after")) return undefined;
  if (status === 408 && tookMs > BODY_MS && !expected.statuses.includes(413)) return undefined;
  if (!expected.statuses.includes(status)) return `answered ${status}, should be ${inWords(expected)}`;
  if (status !== 200 && (status < 400 || status === 410)) return `answered ${status}, which disables a webhook`;
  return leakIn(answer) ?? (status === 200 ? wrongWith200(answer, expected) : wrongWithRefusal(answer, expected));

  function leakIn({ headers, body }: Answer): string | undefined {
    const text = [...headers].join("\n") + body.toString("latin1");
    const secret = WEBHOOKS.find(([, secret]) => text.includes(secret));
    if (secret) return `the answer holds the secret of webhook ${secret[0]}`;
    // What is echoed is the client's.
    if (status === 200 && expected.echo !== undefined) return undefined;
    const leak = LEAKS.find((pattern) => pattern.test(text));
    return leak && `the answer looks like a stack (${leak}): ${body.toString("latin1").slice(0, 300)}`;
  }
}

function wrongWith200(
  { headers, body }: Answer,
  { echo, stores, isHealth, isHead, mayBePage }: Expectation,
): string | undefined {
  const header = headers.get("smartsheet-hook-response");
  if (header !== undefined) {
    if (echo === undefined) return `answered with the challenge ${header}, but it wasn't asked for one`;
    if (header !== echo) return `echoed ${header}, should be ${echo}`;
    return textOf(body)?.smartsheetHookResponse === echo ? undefined : `echoed ${body}, should be ${echo}`;
  }
  if (stores || mayBePage) return undefined;
  if (isHealth) return isHead || String(body) === "ok" ? undefined : `health is ${body}`;
  return "answered 200 without an echo";
}

function wrongWithRefusal({ status, headers, body }: Answer, { isRuntimes, isHead }: Expectation): string | undefined {
  const isProblem = headers.get("content-type") === "application/problem+json";
  if (!isProblem && !isRuntimes) return `content type of ${status} is ${headers.get("content-type")}`;
  if (!isProblem) return undefined;
  if (!isHead && textOf(body)?.status !== status) return `answered ${status}, but the body says ${body}`;
  if (status === 405 && headers.get("allow") !== "POST") return `Allow is ${headers.get("allow")}`;
  return undefined;
}

function textOf(body: Answer["body"]): Record<string, unknown> | undefined {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    return undefined;
  }
}
