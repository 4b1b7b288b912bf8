/** True for what Smartsheet makes as a secret; an API that hides it may give stars, or nothing. */
export function isSharedSecret(value: unknown): value is string {
  return typeof value === "string" && /^[0-9A-Za-z]{16,}$/.test(value);
}
