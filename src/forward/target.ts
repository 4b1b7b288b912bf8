import { optionError } from "../errors.ts";
import { registerSecret } from "../redact.ts";

/** Where messages are posted to. */
export interface Target {
  readonly url: URL;
  /** For people: without the query, which may hold a token. */
  readonly name: string;
}

/**
 * Reads the URL of a target. Its query is kept out of logs from now on.
 *
 * @throws {SheethookError} `option_invalid` unless it is an http or https URL without user name and password; the message shows
 * neither these nor the query
 */
export function parseTarget(given: string | URL): Target {
  const url = URL.parse(String(given));
  const shouldBe = "an http or https URL without user name and password, e.g. https://example.com/smartsheet";
  if (url?.username || url?.password) throw optionError("url", `${url.protocol}//***@${url.host}`, shouldBe);
  if (!url || !/^https?:$/.test(url.protocol)) {
    const shown = String(given).replace(/\?.*/s, "?***").replace(/\/\/[^/]*@/, "//***@");
    throw optionError("url", shown, shouldBe);
  }
  url.hash = "";
  registerSecret(url.search.slice(1));
  return { url, name: url.origin + url.pathname };
}

/** True for plain http to another machine: what is sent there can be read on the way. */
export function isReadableOnTheWay({ protocol, hostname }: URL): boolean {
  return protocol === "http:" && !/^(localhost|.*\.localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
}
