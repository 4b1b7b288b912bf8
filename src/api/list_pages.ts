import { requireInteger } from "../errors.ts";
import { unexpectedAnswer } from "./api_error.ts";
import type { CallOptions, SendRequest } from "./request.ts";

/** Options of a list. */
export interface ListOptions extends CallOptions {
  /** Items in one request, at most 10,000. @default 1_000 */
  readonly pageSize?: number | undefined;
}

export const MAX_PAGE_SIZE = 10_000;

/** @throws {SheethookError} `option_invalid` for a page size that Smartsheet refuses */
export function requirePageSize(pageSize: unknown): number {
  return requireInteger("pageSize", pageSize, MAX_PAGE_SIZE);
}

/**
 * Reads all pages. Answers tell the number of pages, except for the list of webhooks, which ends with a short page. A page
 * that repeats the one before is past the end.
 *
 * @throws {SheethookError} `option_invalid` for a page size that Smartsheet refuses
 */
export async function* listPages<Item>(
  send: SendRequest,
  { path, cost, search: rest, options = {} }: {
    path: string;
    cost?: number;
    search?: Readonly<Record<string, number>>;
    options?: ListOptions | undefined;
  },
): AsyncGenerator<Item, void, undefined> {
  const asked = requirePageSize(options.pageSize ?? 1_000);
  let before = "";
  for (let page = 1;; page++) {
    const search = { page, pageSize: asked, ...rest };
    const answer = await send({ method: "GET", path, search, options, ...(cost !== undefined && { cost }) });
    const { data, pageSize, totalPages = -1 } = answer as { data?: Item[]; pageSize?: number; totalPages?: number };
    if (!Array.isArray(data)) throw unexpectedAnswer(`The answer to GET /${path} has no data, but should be a list`);
    const text = JSON.stringify(data);
    if (text === before) return;
    before = text;
    yield* data;
    // Smartsheet may use a smaller page size than was asked for, and says so.
    const given = typeof pageSize === "number" && pageSize > 0 ? Math.min(pageSize, asked) : asked;
    if (data.length < given || (totalPages >= 0 && page >= totalPages)) return;
  }
}
