import type { Callback } from "./callback/callback.ts";
import { isObject, parseCallback } from "./callback/parse_callback.ts";
import { parseTimestamp } from "./callback/timestamp.ts";
import type { Counts } from "./counts.ts";
import { messageOf, SheethookError } from "./errors.ts";
import type { Logger } from "./logger.ts";
import { problem, type ProblemStatus } from "./problem.ts";
import { readBody } from "./receive/body.ts";
import { CHALLENGE_HEADER, challengeResponse, parseChallenge } from "./receive/challenge.ts";
import type { FindSecrets } from "./receive/secrets.ts";
import { isServed } from "./receive/served.ts";
import { isSigned, parseSignature, SIGNATURE_HEADER } from "./receive/signature.ts";
import { createSharedWithin, createWithin, type Within } from "./within.ts";

/** Takes a verified callback over. Throws a `Refusal` if it can't. */
export type Accept = (callback: Callback, body: string, within: Within) => Promise<"accepted" | "duplicate">;

/** An answer other than 200; the reason goes into the log, never into the answer. */
export class Refusal extends Error {
  readonly status: ProblemStatus;
  readonly properties: Record<string, unknown>;
  readonly level: "debug" | "warn" | "error";

  constructor(
    status: ProblemStatus,
    reason: string,
    properties: Record<string, unknown> = {},
    options: ErrorOptions & { readonly level?: "debug" } = {},
  ) {
    super(reason, options);
    this.status = status;
    this.properties = properties;
    this.level = options.level ?? (status >= 500 ? "error" : "warn");
  }
}

const STATUS_OF: Partial<Record<SheethookError["code"], ProblemStatus>> = {
  body_too_large: 413,
  body_timeout: 408,
  body_unreadable: 400,
  challenge_invalid: 400,
  callback_invalid: 400,
};

/** What the log calls the webhook of a body that names none. */
const NO_WEBHOOK = "(it names none)";

const decoder = new TextDecoder("utf-8", { fatal: true });

/**
 * The inbound half: method, size, challenge, signature, callback, and then `accept`. Never throws and never rejects, and
 * never answers 201-299, 3xx or 410, which make Smartsheet disable the webhook at once.
 */
export function createHandler(options: {
  /** Undefined takes unsigned callbacks. */
  readonly findSecrets: FindSecrets | undefined;
  /** Undefined: any that `findSecrets` finds secrets for. */
  readonly webhookIds: ReadonlySet<number> | undefined;
  readonly maxBodyBytes: number;
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
  const {
    findSecrets,
    webhookIds,
    maxBodyBytes,
    bodyTimeoutMs,
    acceptTimeoutMs,
    maxAgeMs,
    accept,
    now,
    logger,
    counts,
  } = options;

  const alone = createWithin(acceptTimeoutMs);
  const shared = createSharedWithin(acceptTimeoutMs);
  const sharedBody = createSharedWithin(bodyTimeoutMs);

  async function answer(request: Request): Promise<Response> {
    if (request.method !== "POST") {
      throw new Refusal(405, "method is {method}, but should be POST", { method: request.method });
    }
    const isOurDoor = isServed(request);
    const within = isOurDoor ? shared : alone;
    const bytes = await readBody(request, maxBodyBytes, bodyTimeoutMs, isOurDoor ? sharedBody : undefined);
    const text = decode(bytes);
    const json = parseJson(text);
    const record = isObject(json) ? json : undefined;
    const webhookId = Number.isSafeInteger(record?.webhookId) ? record!.webhookId as number : undefined;

    const challenge = parseChallenge(request.headers.get(CHALLENGE_HEADER), record);
    const secrets = await findSecretsOf(webhookId, within);
    const isOurs = (!webhookIds || webhookIds.has(webhookId!)) && (!findSecrets || secrets !== undefined);
    // One that names no webhook can't be another's: Smartsheet's own always name it.
    if (!isOurs && (webhookId !== undefined || (challenge !== undefined && record?.webhookId != null))) {
      throw new Refusal(403, "webhook {webhookId} isn't one of ours", { webhookId });
    }
    if (challenge !== undefined) {
      counts.challenges++;
      logger.info("Answered the challenge of webhook {webhookId}", { webhookId: webhookId ?? NO_WEBHOOK });
      return challengeResponse(challenge);
    }

    if (findSecrets) await verify(bytes, request.headers.get(SIGNATURE_HEADER), secrets, webhookId);
    const callback = parseCallback(json);
    const { nonce, timestamp, scopeObjectId } = callback;
    if (maxAgeMs !== Infinity && now() - parseTimestamp(timestamp) > maxAgeMs) {
      counts.stale++;
      logger.warn("Ignored callback {nonce} of webhook {webhookId}: {timestamp} is older than maxAgeMs", {
        webhookId,
        nonce,
        timestamp,
      });
    } else {
      const outcome = await accept(callback, text!, within);
      counts[outcome === "duplicate" ? "duplicates" : "accepted"]++;
      logger.info(`${outcome === "duplicate" ? "Had" : "Accepted"} callback {nonce} of webhook {webhookId}`, {
        webhookId,
        nonce,
        scopeObjectId,
      });
    }
    return new Response("");
  }

  async function findSecretsOf(
    webhookId: number | undefined,
    within: Within,
  ): Promise<readonly string[] | undefined> {
    try {
      const found = findSecrets?.(webhookId);
      return found instanceof Promise ? await within(found) : found;
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
      const { status, message, properties, level } = refusalOf(thrown);
      logger[level](`Refused with {status}: ${message}`, { status, ...properties });
      return problem(status);
    }
  };
}

function refusalOf(thrown: unknown): Refusal {
  if (thrown instanceof Refusal) return thrown;
  const status = thrown instanceof SheethookError ? STATUS_OF[thrown.code] : undefined;
  return new Refusal(status ?? 503, messageOf(thrown), {}, { cause: thrown });
}

async function verify(
  bytes: Uint8Array<ArrayBuffer>,
  header: string | null,
  secrets: readonly string[] | undefined,
  webhookId: number | undefined,
): Promise<void> {
  const named = { webhookId: webhookId ?? NO_WEBHOOK };
  if (secrets?.length === 0) {
    throw new Refusal(
      503,
      "no secret is known for webhook {webhookId}: give its sharedSecret (to serve: in SHEETHOOK_SECRET or the secrets file)",
      named,
    );
  }
  const signature = parseSignature(header);
  if (!signature) {
    throw new Refusal(401, `signature is ${header === null ? "missing" : "malformed"} (webhook {webhookId})`, named);
  }
  if (!secrets) throw new Refusal(400, "body has no webhookId to choose the secret by");
  if (!await isSigned(bytes, signature, secrets)) {
    throw new Refusal(
      401,
      "signature is wrong (webhook {webhookId}): is the secret this webhook's sharedSecret?",
      named,
    );
  }
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

function parseJson(text: string | undefined): unknown {
  try {
    return text && JSON.parse(text);
  } catch {
    return undefined;
  }
}
