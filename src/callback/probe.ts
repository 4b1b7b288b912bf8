import type { Callback } from "./callback.ts";

/** How the nonce of a callback begins that `sheethook doctor` sends. Smartsheet's are UUIDs. */
export const PROBE_NONCE_PREFIX = "doctor-";

/**
 * The header of every request that `sheethook doctor` sends, for statistics of refused requests alone: anyone can send it,
 * so it must change no answer.
 */
export const PROBE_HEADER = "Sheethook-Doctor";

/** Whether doctor sent a callback, which is stored like any other, but is no handler's. Believe it of signed ones alone. */
export function isProbe({ nonce }: Pick<Callback, "nonce">): boolean {
  return nonce.startsWith(PROBE_NONCE_PREFIX);
}
