/** A region in which Smartsheet keeps accounts. */
export type Region = "us" | "eu" | "au" | "gov";

/** The API's base URL in each region. https://developers.smartsheet.com/api/smartsheet/introduction */
export const API_URLS: Readonly<Record<Region, string>> = {
  us: "https://api.smartsheet.com/2.0",
  eu: "https://api.smartsheet.eu/2.0",
  au: "https://api.smartsheet.au/2.0",
  gov: "https://api.smartsheetgov.com/2.0",
};
