import { optionError } from "../errors.ts";

/** Ids in one request. */
const MAX_IDS = 400;
/** Of a whole URL: from about 8 kB on, a proxy in front of Smartsheet answers 414. */
const MAX_URL_BYTES = 7_500;
/** For the base URL and the path. */
const BASE_BYTES = 300;
const COMMA_BYTES = 1;

/** Returns `id` if it is an id. @throws {SheethookError} `option_invalid` */
export function requireId(name: string, id: unknown): number {
  if (Number.isSafeInteger(id) && Number(id) > 0) return Number(id);
  throw optionError(name, id, "an id: a whole number of at least 1");
}

/** Returns `ids`, each once. @throws {SheethookError} `option_invalid` if one of them isn't an id */
export function requireIds(name: string, ids: readonly number[]): number[] {
  return [...new Set(ids.map((id) => requireId(name, id)))];
}

/**
 * Splits ids into chunks that each fit into one URL, in their order.
 *
 * @param search the rest of the URL's query
 */
export function chunkIds(ids: readonly number[], search: Readonly<Record<string, unknown>>): number[][] {
  const maxBytes = MAX_URL_BYTES - BASE_BYTES - bytesOfSearch(search);
  const chunks: number[][] = [];
  let bytes = Infinity;
  for (const id of ids) {
    const added = String(id).length + COMMA_BYTES;
    if (bytes + added > maxBytes || chunks.at(-1)!.length === MAX_IDS) {
      chunks.push([]);
      bytes = 0;
    }
    chunks.at(-1)!.push(id);
    bytes += added;
  }
  return chunks;
}

/** True if the ids leave little room for others in the URL. */
export function isLongList(ids: readonly number[]): boolean {
  return bytesOfSearch({ ids: ids.join() }) > MAX_URL_BYTES / 3;
}

/** The query of a URL, without what is undefined. Commas stay as they are: as `%2C`, fewer ids would fit into one request. */
export function searchText(search: Readonly<Record<string, unknown>>): string {
  const given = Object.entries(search).filter(([, value]) => value !== undefined);
  return new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString().replaceAll("%2C", ",");
}

function bytesOfSearch(search: Readonly<Record<string, unknown>>): number {
  return searchText(search).length;
}
