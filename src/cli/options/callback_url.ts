import { optionError } from "../../errors.ts";

/** Reads the URL of a receiver. @throws {SheethookError} `option_invalid` unless it is an http or https URL without credentials */
export function parseCallbackUrl(text: string): URL {
  const url = URL.parse(text);
  const hasCredentials = url && (url.username || url.password);
  if (url && /^https?:$/.test(url.protocol) && !hasCredentials) return url;
  throw optionError(
    "URL",
    hasCredentials ? `${url.protocol}//***@${url.host}${url.pathname}` : text,
    "an http or https URL without user name and password, e.g. http://localhost:8000/webhook",
  );
}
