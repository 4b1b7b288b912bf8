import { optionError } from "../../errors.ts";

/** Reads the URL of a receiver. @throws {SheethookError} `option_invalid` unless it is an http or https URL without credentials */
export function parseCallbackUrl(text: string): URL {
  const url = URL.parse(text);
  if (url && /^https?:$/.test(url.protocol) && !url.username && !url.password) return url;
  throw optionError(
    "URL",
    text,
    "an http or https URL without user name and password, e.g. http://localhost:8000/webhook",
  );
}
