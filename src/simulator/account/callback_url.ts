import { ApiError, invalidAttribute } from "../api_error.ts";
import { isLoopback } from "../delivery/send.ts";

const PORTS = ["", "443", "8000", "8008", "8080", "8443"];
const PRIVATE = /^(10|127|0)\.|^169\.254\.|^192\.168\.|^172\.(1[6-9]|2\d|3[01])\.|^\[(::|f[cde])/;

/**
 * Checks a `callbackUrl` as Smartsheet does: https, one of five ports, no private address. On loopback, the only place
 * that the simulator calls, any http or https URL is allowed.
 *
 * @throws {ApiError} 1152 for a URL that isn't https, 1031 for an invalid URL or one that Smartsheet doesn't call
 */
export function checkCallbackUrl(text: unknown): string {
  const url = typeof text === "string" ? URL.parse(text) : null;
  if (!url || !url.hostname) throw invalidAttribute("webhook.callbackUrl", text);
  if (isLoopback(url) && /^https?:$/.test(url.protocol)) return text as string;
  if (url.protocol !== "https:") {
    throw new ApiError(400, 1152, "Only URLs with a protocol of 'https' are supported for attribute 'callbackUrl'.");
  }
  if (!PORTS.includes(url.port) || PRIVATE.test(url.hostname)) throw invalidAttribute("webhook.callbackUrl", text);
  return text as string;
}
