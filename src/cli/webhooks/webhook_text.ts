import type { Webhook } from "../../api/api.ts";
import { printable } from "../../text.ts";
import { factsOf } from "../../smartsheet/webhook_status.ts";

/** A webhook for a program: all but its secret. */
export function webhookJson(
  { sharedSecret: _, ...rest }: Partial<Webhook>,
  more: Record<string, unknown> = {},
): string {
  return JSON.stringify({ ...rest, ...more });
}

/** A webhook in one line. */
export function webhookText({ id, status, disabledDetails, name, scope, scopeObjectId, callbackUrl }: Webhook): string {
  const { meaning } = factsOf(status);
  const details = disabledDetails ? ` ("${printable(disabledDetails)}")` : "";
  return `webhook ${id} "${printable(name)}" on ${printable(scope)} ${scopeObjectId} to ${printable(callbackUrl)} is ${
    printable(status)
  }: ${meaning}${details}`;
}
