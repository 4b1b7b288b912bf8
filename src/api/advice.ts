import { CALLBACK_PORTS } from "../smartsheet/ports.ts";

/** What to do after a call that may have been carried out, and must not be repeated blindly. */
export const MAYBE_DONE = "it may have been done: check before you do it again";

/** What to do about an error of Smartsheet's API. https://developers.smartsheet.com/api/smartsheet/error-codes */
export function adviceOn(status: number, errorCode: number | undefined, repeatable: boolean): string {
  const known = errorCode === undefined ? undefined : BY_CODE[errorCode];
  if (known) return known;
  if (status >= 300 && status < 400) return "the API never redirects: check the API's URL";
  if (status >= 500) return repeatable ? "Smartsheet has a problem: try again later" : MAYBE_DONE;
  return BY_STATUS[status] ?? "see the message, and Smartsheet's list of error codes";
}

const NEW_TOKEN = "give a valid access token of the right region (Account > Personal Settings > API Access)";
const NO_ACCESS = "give the token's owner access, and the token the scopes ADMIN_WEBHOOKS, READ_SHEETS, WRITE_SHEETS";
const GONE = "check the id, and that the token's owner may see it: Smartsheet reports both the same way";
const LATER = "try again later";

const BY_CODE: Readonly<Record<number, string>> = {
  1001: NEW_TOKEN,
  1002: NEW_TOKEN,
  1003: NEW_TOKEN,
  1004: NO_ACCESS,
  1006: GONE,
  1151: "check that the sheet exists and that the token's owner may see it",
  1152: `give a public https URL on one of the ports ${CALLBACK_PORTS.join(", ")}`,
  1153: "create a new webhook: the application's access was revoked, so this one can't be enabled again",
  1154: "contact Smartsheet's support: they disabled the webhook",
  4001: `${LATER}: Smartsheet is down for maintenance`,
  4002: `${LATER}: Smartsheet took too long`,
  4003: `${LATER}: a token has 300 requests a minute, shared by everything that uses it`,
  4004: "change one sheet from one place at a time",
};

const BY_STATUS: Readonly<Record<number, string>> = {
  401: NEW_TOKEN,
  403: NO_ACCESS,
  404: GONE,
  413: "send less in one call",
  414: "ask for fewer ids at once: the URL is too long",
  431: "ask for fewer ids at once: the URL is too long",
  429: BY_CODE[4003]!,
};
