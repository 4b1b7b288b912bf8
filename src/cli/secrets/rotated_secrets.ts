import { MAX_SECRETS, type StoredSecret } from "../../secrets_file/stored_secrets.ts";

/** A rotation, in milliseconds since 1970. */
export interface Rotation {
  /** The new secret. */
  readonly secret: string;
  /** The secrets that were there before the new one was made. */
  readonly before: readonly string[];
  /** When those end. */
  readonly until: number;
  readonly now: number;
}

/**
 * A webhook's secrets with the new one in front; the ones before it get their end, and those that have ended are dropped.
 * One that wasn't there before is of another rotation at the same time, and may be the newer: it gets no end. Over 10,
 * the oldest go, because a file with more is refused as a whole.
 */
export function rotatedSecrets(
  stored: readonly StoredSecret[],
  { secret, before, until, now }: Rotation,
): StoredSecret[] {
  const others = stored
    .filter((each) => each.secret !== secret && (each.until ?? Infinity) > now)
    .map((each) => before.includes(each.secret) ? { ...each, until: Math.min(each.until ?? Infinity, until) } : each);
  return [{ secret }, ...others].slice(0, MAX_SECRETS);
}

/** Whether a value is a secret as Smartsheet makes them; an API that hides it may give stars, or nothing. */
export function isSharedSecret(value: unknown): value is string {
  return typeof value === "string" && /^[0-9A-Za-z]{16,}$/.test(value);
}
