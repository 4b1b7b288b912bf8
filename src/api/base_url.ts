import { optionError, SheethookError } from "../errors.ts";

/** Where Smartsheet keeps accounts. */
export type Region = "us" | "eu" | "au" | "gov";

/** The base URL of each region. https://developers.smartsheet.com/api/smartsheet/introduction */
export const REGIONS: Readonly<Record<Region, string>> = {
  us: "https://api.smartsheet.com/2.0",
  eu: "https://api.smartsheet.eu/2.0",
  au: "https://api.smartsheet.au/2.0",
  gov: "https://api.smartsheetgov.com/2.0",
};

/**
 * The base of every call, without a slash at its end. An `apiUrl` without a path gets `/2.0`.
 *
 * @throws {SheethookError} `option_invalid` for both, an unknown region, or an `apiUrl` that is no http(s) URL
 */
export function baseUrlOf(region: Region | undefined, apiUrl: string | URL | undefined): string {
  if (apiUrl === undefined) {
    const names = Object.keys(REGIONS);
    if (region !== undefined && !names.includes(region)) throw optionError("region", region, `one of ${names}`);
    return REGIONS[region ?? "us"];
  }
  if (region !== undefined) {
    throw new SheethookError("option_invalid", "region and apiUrl are given, but it should be one of them");
  }
  const url = URL.parse(String(apiUrl));
  if (url && /^https?:$/.test(url.protocol) && !url.username && !url.password && !url.search && !url.hash) {
    return url.pathname === "/" ? `${url.origin}/2.0` : url.href.replace(/\/+$/, "");
  }
  // Not shown: it may hold a password.
  throw new SheethookError(
    "option_invalid",
    'apiUrl should be an http or https URL, e.g. "https://api.smartsheet.com/2.0"',
    { option: "apiUrl" },
  );
}
