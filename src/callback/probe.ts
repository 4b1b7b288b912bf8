import type { Callback } from "./callback.ts";

/** The prefix of the nonce in callbacks of `sheethook doctor`. Smartsheet's nonces are UUIDs. */
export const PROBE_NONCE_PREFIX = "doctor-";

/**
 * The header of every request of `sheethook doctor`. Only statistics of refused requests may use it: anyone can send it, so
 * it must not change an answer.
 */
export const PROBE_HEADER = "Sheethook-Doctor";

/** True for a callback of doctor, which is stored, but not handed to handlers. Only to be trusted of signed callbacks. */
export function isProbe({ nonce }: Pick<Callback, "nonce">): boolean {
  return nonce.startsWith(PROBE_NONCE_PREFIX);
}
