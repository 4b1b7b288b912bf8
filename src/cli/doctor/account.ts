import type { Webhook } from "../../api/api.ts";
import { ageText } from "../terminal/time_text.ts";
import { checkUrl } from "./address.ts";
import { error, type Finding, fine, warning } from "./finding.ts";
import { printable } from "../../text.ts";
import { factsOf } from "../../smartsheet/webhook_status.ts";

/** The secrets that are known on this machine. */
export interface KnownSecrets {
  /** The name of the store of secrets. */
  readonly name: string;
  readonly isStored: (webhookId: number) => boolean;
  /** Whether SHEETHOOK_SECRET is set. */
  readonly inEnvironment: boolean;
}

/**
 * Checks each webhook of an account, or the one with the id `only`: its status, its callback URL, its callbacks, its secret.
 */
export function examineWebhooks(
  webhooks: readonly Webhook[],
  secrets: KnownSecrets,
  only?: number,
  now = Date.now(),
): Finding[] {
  const examined = webhooks.filter(({ id }) => only === undefined || id === only);
  if (!examined.length && only !== undefined) {
    return [error(`webhook ${only}`, "The token's owner has no such webhook", "check the id, and whose token it is")];
  }
  if (!examined.length) {
    return [warning("webhooks", "The token's owner has no webhooks", "create one: `sheethook webhooks create`")];
  }
  return examined.flatMap((webhook) => [
    examineStatus(webhook, now),
    ...examineDelivery(webhook),
    ...examineSecret(webhook, secrets),
    ...examineTwins(webhook, webhooks),
  ]);
}

/** The webhook's name in findings. */
function nameOf({ id }: Webhook): string {
  return `webhook ${id}`;
}

function examineStatus(webhook: Webhook, now: number): Finding {
  const { status, name, scope, scopeObjectId, callbackUrl, disabledDetails } = webhook;
  const { meaning, toDo, remedy } = factsOf(status);
  const details = disabledDetails ? ` ("${printable(disabledDetails)}")` : "";
  const what = `"${printable(name)}" on ${printable(scope)} ${scopeObjectId} to ${printable(callbackUrl)}`;
  const text = `${what} is ${printable(status)}: ${meaning}${details}; ${statsText(webhook, now)}`;
  if (toDo === undefined) return fine(nameOf(webhook), text);
  // Its owner knows that it is disabled.
  const isIntended = status === "DISABLED_BY_OWNER" || remedy === "none";
  return (isIntended ? warning : error)(nameOf(webhook), text, toDo);
}

function statsText({ stats }: Webhook, now: number): string {
  const attempt = Date.parse(stats?.lastCallbackAttempt ?? "");
  const success = Date.parse(stats?.lastSuccessfulCallback ?? "");
  if (Number.isNaN(attempt)) return "it was never called";
  const called = `it was last called ${ageText(now - attempt)} ago`;
  if (Number.isNaN(success)) return `${called}, and never with success`;
  return success >= attempt ? `${called}, with success` : `${called}, and with success ${ageText(now - success)} ago`;
}

function examineDelivery(webhook: Webhook): Finding[] {
  const retries = webhook.stats?.lastCallbackAttemptRetryCount ?? 0;
  const url = URL.parse(webhook.callbackUrl);
  const isHere = url && /^(localhost|127\..*|\[::1\])$/.test(url.hostname);
  const bad = url && !isHere ? checkUrl(url).filter(({ severity }) => severity === "error") : [];
  return [
    ...bad.map((finding) => ({ ...finding, check: nameOf(webhook) })),
    ...(webhook.status === "ENABLED" && retries > 0
      ? [warning(
        nameOf(webhook),
        `Its last callback was sent again ${retries} times: after 14 it is disabled`,
        `check the receiver with \`sheethook doctor ${printable(webhook.callbackUrl)}\``,
      )]
      : []),
  ];
}

function examineSecret(webhook: Webhook, { name, isStored, inEnvironment }: KnownSecrets): Finding[] {
  if (isStored(webhook.id)) return [];
  const text = inEnvironment
    ? `Its secret isn't in ${name}; it may be among those in SHEETHOOK_SECRET`
    : `Its secret isn't in ${name}: a serve that reads secrets there refuses its callbacks`;
  const toDo = "if it is ours, `sheethook webhooks rotate` stores a new one there";
  return [warning(nameOf(webhook), text, toDo)];
}

/** Webhooks that do the same: Smartsheet sends their callbacks once, for the oldest. */
function examineTwins(webhook: Webhook, all: readonly Webhook[]): Finding[] {
  const key = keyOf(webhook);
  const twins = all.filter((other) => other.id !== webhook.id && keyOf(other) === key);
  const older = twins.filter(({ createdAt = "" }) => createdAt < (webhook.createdAt ?? ""));
  if (!older.length) return [];
  return [warning(
    nameOf(webhook),
    `It watches the same as webhook ${
      older[0]!.id
    }, which is older: Smartsheet sends the callbacks of both once, from that one`,
    "delete one of them",
  )];
}

function keyOf({ scope, scopeObjectId, callbackUrl, subscope }: Webhook): string {
  return JSON.stringify([scope, scopeObjectId, callbackUrl, [...subscope?.columnIds ?? []].sort()]);
}
