import type { Buffer } from "node:buffer";
import { createHmac } from "node:crypto";
import { type FuzzRequest, headerOf } from "../http/request.ts";
import { CHALLENGE, SIGNATURE, WEBHOOKS } from "../requests/callback.ts";
import { LIMIT_BYTES } from "../requests/sizes.ts";
import { isCallback, isMembers, type Members } from "./is_callback.ts";

/** The part of an expectation that a POST to the callback's path has. */
export interface ExpectedOfPost {
  readonly statuses: readonly number[];
  readonly echo?: string | undefined;
  readonly stores?: Members | undefined;
  readonly mayClose: boolean;
}

/** What is larger may be too large for a challenge, unless it is signed. */
const SMALL_BYTES = 1024;
/** The contract gives the limit in words: only a small one can be a challenge. */
const LARGE_BYTES = 16 * 1024;

/** The table of answers, for a receiver that knows a secret of each of `WEBHOOKS`. */
export function expectedOfPost(request: FuzzRequest): ExpectedOfPost {
  const { body } = request;
  const size = Math.max(body.length, Number(headerOf(request, "Content-Length") ?? 0));
  // Its sender may still be writing when it is answered, and the connection closed: then the answer may be lost.
  if (size > LIMIT_BYTES) return { statuses: [413], mayClose: body.length > LIMIT_BYTES };
  const json = parse(body);
  const members = isMembers(json) ? json : undefined;
  const id = members?.webhookId;
  const secret = WEBHOOKS.find(([known]) => known === id)?.[1];
  const isNamed = id != null;
  const signature = headerOf(request, SIGNATURE);
  const isSigned = secret !== undefined && isSignature(body, signature, secret);
  const allowed = (...statuses: number[]) => ({ statuses, mayClose: false });

  const challenge = challengeIn(headerOf(request, CHALLENGE), members);
  if (challenge && !isSigned && size > SMALL_BYTES) {
    return { statuses: [200, 400, 401, 403], echo: challenge.echo, mayClose: false };
  }
  if (challenge) {
    const isForeign = isNamed && secret === undefined;
    const statuses = challenge.echo === undefined ? [400] : isForeign ? [] : [200];
    if (isForeign) statuses.push(403);
    // An empty header beside another one: whether that leaves a blank behind the comma is up to the runtime.
    if (headerOf(request, CHALLENGE)?.match(/^,|,$/)) statuses.push(400);
    // It may be read as no challenge at all.
    if (challenge.isDoubtful) statuses.push(400, 401);
    return { statuses, echo: isForeign ? undefined : challenge.echo, mayClose: false };
  }
  // The body names the secret: without a name, why it is refused depends on where that was looked for.
  if (secret === undefined) {
    if (typeof id === "number" && Number.isSafeInteger(id)) return allowed(403, ...(size > LARGE_BYTES ? [401] : []));
    return allowed(400, 401, 403);
  }
  if (!isSigned) return allowed(401, ...(size > LARGE_BYTES ? [403] : []));
  const is = isCallback(json);
  if (is === "no") return allowed(400);
  return { statuses: is === "yes" ? [200] : [200, 400], stores: members, mayClose: false };
}

/** The value of a body that is JSON in UTF-8. A byte order mark before it is passed over. */
function parse(body: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch {
    return undefined;
  }
}

function isSignature(body: Buffer, signature: string | undefined, secret: string): boolean {
  if (signature === undefined || !/^[0-9a-f]{1,64}$/i.test(signature)) return false;
  return signature.toLowerCase().padStart(64, "0") === createHmac("sha256", secret).update(body).digest("hex");
}

/** Undefined if it is no challenge; without `echo` if it is one that mustn't be echoed. */
function challengeIn(
  header: string | undefined,
  members: Members | undefined,
): { readonly echo?: string; readonly isDoubtful: boolean } | undefined {
  const { challenge, webhookId, events, newWebhookStatus } = members ?? {};
  const hasOther = events !== undefined || newWebhookStatus !== undefined;
  if (header === undefined && (challenge === undefined || webhookId === undefined)) return undefined;
  if (header === undefined && (events != null || newWebhookStatus != null)) return undefined;
  const value = header ?? challenge;
  // A member that is null may count as one that is absent.
  const isDoubtful = header === undefined && (challenge === null || webhookId === null || hasOther);
  const isSame = challenge === undefined || challenge === value || (challenge === null && header !== undefined);
  const isValid = typeof value === "string" && /^[\x21-\x7e]{1,256}$/.test(value) && isSame;
  return isValid ? { echo: value, isDoubtful } : { isDoubtful };
}
