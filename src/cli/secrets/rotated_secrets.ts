import { MAX_SECRETS, type StoredSecret } from "../../secrets_file/stored_secrets.ts";

/** A rotation, in milliseconds since 1970. */
export interface Rotation {
  /** The new secret. */
  readonly secret: string;
  /** The secrets from before the new one was made. */
  readonly before: readonly string[];
  /** When those expire. */
  readonly until: number;
  readonly now: number;
}

/**
 * A webhook's secrets with the new one first; the earlier ones expire, and expired ones are removed. A secret that wasn't
 * there before belongs to a concurrent rotation and may be the newer one, so it doesn't expire. Of more than 10 the oldest
 * are removed, because a file with more is refused.
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
