import { optionError, SheethookError } from "../errors.ts";
import { API_URLS, type Region } from "../smartsheet/hosts.ts";

/**
 * The base of every call, without a slash at its end. An `apiUrl` without a path gets `/2.0`.
 *
 * @throws {SheethookError} `option_invalid` if both are given, for an unknown region, or an `apiUrl` that isn't an http(s) URL
 */
export function baseUrlOf(region: Region | undefined, apiUrl: string | URL | undefined): string {
  if (apiUrl === undefined) {
    const names = Object.keys(API_URLS);
    if (region !== undefined && !names.includes(region)) throw optionError("region", region, `one of ${names}`);
    return API_URLS[region ?? "us"];
  }
  if (region !== undefined) {
    throw new SheethookError("option_invalid", "region and apiUrl are given, but it should be one of them");
  }
  const url = URL.parse(String(apiUrl));
  if (url && /^https?:$/.test(url.protocol) && !url.username && !url.password && !url.search && !url.hash) {
    return url.pathname === "/" ? `${url.origin}/2.0` : url.href.replace(/\/+$/, "");
  }
  // The URL isn't shown: it may hold a password.
  throw new SheethookError(
    "option_invalid",
    `apiUrl should be an http or https URL, e.g. "${API_URLS.us}"`,
    { option: "apiUrl" },
  );
}
