/** Holds the challenge, in a verification request. */
export const CHALLENGE_HEADER = "Smartsheet-Hook-Challenge";

/** Returns the challenge, in our answer. */
export const CHALLENGE_RESPONSE_HEADER = "Smartsheet-Hook-Response";

/** Signs a callback: hex of HMAC-SHA-256 over the raw body. */
export const SIGNATURE_HEADER = "Smartsheet-Hmac-SHA256";

/** Names who makes a change, in requests to the API. */
export const CHANGE_AGENT_HEADER = "Smartsheet-Change-Agent";

/** Smartsheet cuts a longer change agent at its front. */
export const MAX_CHANGE_AGENT_LENGTH = 512;
