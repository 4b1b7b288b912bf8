import { ApiError, invalidAttribute } from "../../api_error.ts";
import type { Hyperlink } from "../sheet.ts";

const TARGETS = ["sheetId", "reportId", "sightId"] as const;

/** Reads a link from a request. @throws {ApiError} 1112 for a URL beside an id, 1031 */
export function parseHyperlink(given: unknown, detail: unknown): Hyperlink {
  const link = Object(given) as Record<string, unknown>;
  const ids = TARGETS.filter((name) => link[name] !== undefined && link[name] !== null);
  const hasUrl = link.url !== undefined && link.url !== null;
  if (hasUrl && ids.length) {
    throw new ApiError(400, 1112, "hyperlink.url must be null for sheet, report, or Sight hyperlinks.", detail);
  }
  if (hasUrl && typeof link.url === "string" && link.url) return { url: link.url };
  const [name] = ids;
  if (hasUrl || !name || ids.length > 1 || !Number.isSafeInteger(Number(link[name]))) {
    throw invalidAttribute("cell.hyperlink", given);
  }
  return { [name]: Number(link[name]) };
}

/** A link as reads show it: with the address of a sheet. */
export function hyperlinkView(link: Hyperlink): Hyperlink {
  return link.sheetId === undefined ? link : { url: permalink(link.sheetId), ...link };
}

/** The address of a sheet in the browser. */
export function permalink(sheetId: number): string {
  return `https://app.smartsheet.com/sheets/${sheetId.toString(36)}`;
}
