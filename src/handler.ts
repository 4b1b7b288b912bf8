import type { Accept } from "./accept.ts";
import type { Callback } from "./callback/callback.ts";
import { parseCallback } from "./callback/parse_callback.ts";
import { parseTimestamp } from "./callback/timestamp.ts";
import type { Counts } from "./counts.ts";
import { messageOf } from "./errors.ts";
import { isObject, parseJson } from "./json.ts";
import type { Logger } from "./logger.ts";
import { problem } from "./receive/problem.ts";
import { readBody } from "./receive/body.ts";
import { createBodyBudget } from "./receive/body_budget.ts";
import { CHALLENGE_HEADER, SIGNATURE_HEADER } from "./smartsheet/headers.ts";
import { challengeResponse, parseChallenge } from "./receive/challenge.ts";
import { findWebhookId } from "./receive/find_webhook_id.ts";
import type { Parts } from "./receive/parts.ts";
import type { SecretSource } from "./receive/secrets.ts";
import { isSigned, parseSignature } from "./receive/signature.ts";
import { whose } from "./receive/whose.ts";
import { createOncePerMinute, Refusal, refusalOf } from "./receive/refusal.ts";
import { createRequestDeadline } from "./async/deadline.ts";

/** What the log calls the webhook of a body that names none. */
const NO_WEBHOOK = "(it names none)";

/** A larger body without a valid signature isn't parsed: a challenge has some 100 bytes. */
const MAX_UNSIGNED_BYTES = 16 * 1024;

const decoder = new TextDecoder("utf-8", { fatal: true });

/**
 * The inbound half: method, size, signature, challenge, callback, and then `accept`. Never throws and never rejects, and
 * never answers 201-299, 3xx or 410, which make Smartsheet disable the webhook at once.
 */
export function createHandler(options: {
  /** Undefined takes unsigned callbacks. */
  readonly secrets: SecretSource | undefined;
  /** Undefined: any that secrets are found for. */
  readonly webhookIds: ReadonlySet<number> | undefined;
  readonly maxBodyBytes: number;
  /** Of all bodies under way. */
  readonly maxBufferedBytes: number;
  /** Answered at the same time, from when their body is there. */
  readonly maxRequests: number;
  readonly bodyTimeoutMs: number;
  /** For `accept`, and for secrets that a function finds. */
  readonly acceptTimeoutMs: number;
  /** Infinity takes callbacks of any age. */
  readonly maxAgeMs: number;
  readonly accept: Accept;
  readonly now: () => number;
  readonly logger: Logger;
  readonly counts: Counts;
}): (request: Request) => Promise<Response> {
  const { secrets: source, webhookIds, maxBodyBytes, maxRequests, bodyTimeoutMs, acceptTimeoutMs, maxAgeMs } = options;
  const { accept, now, logger, counts } = options;

  const acceptDeadline = createRequestDeadline(acceptTimeoutMs);
  const bodyDeadline = createRequestDeadline(bodyTimeoutMs);
  const budget = createBodyBudget(options.maxBufferedBytes);
  const mayLog = createOncePerMinute();
  let answering = 0;

  async function answer(request: Request): Promise<Response> {
    if (request.method !== "POST") {
      throw new Refusal(405, "method is {method}, but should be POST", { method: request.method });
    }
    const { headers } = request;
    const isHopeless = source !== undefined && isLarge(headers) && !parseSignature(headers.get(SIGNATURE_HEADER));
    const account = budget.begin();
    let isAnswering = false;
    try {
      const limits = { maxBytes: maxBodyBytes, timeoutMs: bodyTimeoutMs, deadline: bodyDeadline, account };
      const body = await readBody(request, { ...limits, isKept: !isHopeless });
      if (isHopeless) {
        throw new Refusal(401, "signature is missing or malformed; the body was too large for a challenge");
      }
      if (answering >= maxRequests) {
        const reason = "{maxRequests} requests are being answered: see the option maxRequests";
        throw new Refusal(503, reason, { maxRequests }, { isOverload: true });
      }
      answering++;
      isAnswering = true;
      return await answerBody(headers, body);
    } finally {
      if (isAnswering) answering--;
      account.end();
    }
  }

  function isLarge(headers: Headers): boolean {
    return Number(headers.get("content-length")) > MAX_UNSIGNED_BYTES;
  }

  async function answerBody(headers: Headers, body: Parts): Promise<Response> {
    const signature = headers.get(SIGNATURE_HEADER);
    const needsId = source !== undefined && source.ofAll === undefined;
    const hint = needsId ? findWebhookId(body) : undefined;
    let secrets = source?.ofAll ?? await findSecretsOf(hint);
    // Mostly known at once: then nothing is waited for.
    const signed = !source || isSignedBy(secrets, body, signature);
    let isVerified = typeof signed === "boolean" ? signed : await signed;

    const isRead = isVerified || body.size <= MAX_UNSIGNED_BYTES;
    const text = isRead ? decode(body.head(body.size)) : undefined;
    const json = text === undefined ? undefined : parseJson(text);
    const record = isObject(json) ? json : undefined;
    const webhookId = isRead ? safeInteger(record?.webhookId) : hint;
    if (needsId && record && webhookId !== hint) {
      // The whole body decides. Rare: it names two webhooks, or the one in the middle of many events.
      secrets = await findSecretsOf(webhookId);
      isVerified = await isSignedBy(secrets, body, signature);
    }

    const challenge = isRead ? parseChallenge(headers.get(CHALLENGE_HEADER), record) : undefined;
    const isForeign = "foreign" === whose({
      webhookId,
      named: record?.webhookId,
      isListed: !webhookIds || (webhookId !== undefined && webhookIds.has(webhookId)),
      isKnown: !source || secrets !== undefined,
      isChallenge: challenge !== undefined,
    });
    if (isForeign) throw new Refusal(403, "webhook {webhookId} isn't one of ours", { webhookId });
    const named = { webhookId: webhookId ?? NO_WEBHOOK };
    if (challenge !== undefined) {
      counts.challenges++;
      logger.info("Answered the challenge of webhook {webhookId}", named);
      return challengeResponse(challenge);
    }
    if (!isVerified) throw unverified(secrets, signature, body.size, named);
    const callback = parseCallback(json);
    if (isStale(callback)) {
      counts.stale++;
      logger.warn("Ignored callback {nonce} of webhook {webhookId}: {timestamp} is older than maxAgeMs", {
        webhookId,
        nonce: callback.nonce,
        timestamp: callback.timestamp,
      });
    } else logAccepted(callback, await accept(callback, text ?? "", acceptDeadline));
    return new Response(null);
  }

  function isStale({ timestamp }: Callback): boolean {
    return maxAgeMs !== Infinity && now() - parseTimestamp(timestamp) > maxAgeMs;
  }

  function logAccepted({ webhookId, nonce, scopeObjectId }: Callback, outcome: "accepted" | "duplicate"): void {
    counts[outcome === "duplicate" ? "duplicates" : "accepted"]++;
    const message = outcome === "duplicate"
      ? "Duplicate callback {nonce} of webhook {webhookId} ignored"
      : "Accepted callback {nonce} of webhook {webhookId}";
    logger.info(message, { webhookId, nonce, scopeObjectId });
  }

  async function findSecretsOf(webhookId: number | undefined): Promise<readonly string[] | undefined> {
    try {
      const found = source?.find(webhookId);
      return found instanceof Promise ? await acceptDeadline(found) : found;
    } catch (cause) {
      throw new Refusal(503, "secrets of webhook {webhookId} can't be read: {error}", {
        webhookId,
        error: messageOf(cause),
      }, { cause });
    }
  }

  return async (request) => {
    try {
      return await answer(request);
    } catch (thrown) {
      counts.refused++;
      // The application's own mistakes can't become a rejection, which a host would answer in its own way.
      const { status, message, properties, level, isOverload } = refusalOf(thrown);
      // A flood must not become one of the log, too.
      const loudness = isOverload && !mayLog() ? "debug" : level;
      logger[loudness](`Refused with {status}: ${message}`, { status, ...properties });
      return problem(status);
    }
  };
}

function isSignedBy(
  secrets: readonly string[] | undefined,
  body: Parts,
  header: string | null,
): boolean | Promise<boolean> {
  const signature = parseSignature(header);
  return signature !== undefined && secrets !== undefined && isSigned(body, signature, secrets);
}

/** Why a callback isn't trusted. */
function unverified(
  secrets: readonly string[] | undefined,
  header: string | null,
  size: number,
  named: { readonly webhookId: number | string },
): Refusal {
  if (secrets?.length === 0) {
    return new Refusal(
      503,
      "no secret is known for webhook {webhookId}: give its sharedSecret (to serve: in SHEETHOOK_SECRET or the secrets file)",
      named,
    );
  }
  if (parseSignature(header) === undefined) {
    return new Refusal(401, `signature is ${header === null ? "missing" : "malformed"} (webhook {webhookId})`, named);
  }
  if (!secrets) {
    return new Refusal(
      400,
      "no webhookId was found in the body to choose the secret by; of a large one only the first and last 16 KiB are searched",
    );
  }
  return new Refusal(
    401,
    size === 0
      ? "signature is of another body than the empty one that came: was it read before, e.g. by express.json()? Register the receiver before what reads bodies"
      : "signature is wrong (webhook {webhookId}): is the secret this webhook's sharedSecret?",
    named,
  );
}

function safeInteger(value: unknown): number | undefined {
  return typeof value === "number" && Number.isSafeInteger(value) ? value : undefined;
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}
