import { ApiError, requireInteger, requireNumber } from "../errors.ts";
import type { CallOptions, SendRequest } from "./request.ts";

/** How a list is read. */
export interface ListOptions extends CallOptions {
  /** Items that one request asks for, at most 10,000. @default 1_000 */
  readonly pageSize?: number | undefined;
}

/**
 * Reads until a short page: since June 2026 no page tells how many there are.
 *
 * @throws {SheethookError} `option_invalid` for a page size that Smartsheet refuses
 */
export async function* listPages<Item>(
  send: SendRequest,
  { path, cost, options = {} }: { path: string; cost?: number; options?: ListOptions | undefined },
): AsyncGenerator<Item, void, undefined> {
  const asked = requireNumber("pageSize", requireInteger("pageSize", options.pageSize ?? 1_000), 1, 10_000);
  for (let page = 1;; page++) {
    const search = { page, pageSize: asked };
    const answer = await send({ method: "GET", path, search, options, ...(cost !== undefined && { cost }) });
    const { data, pageSize } = answer as { data?: Item[]; pageSize?: number };
    if (!Array.isArray(data)) {
      const toDo = "check the API's URL";
      throw new ApiError(`The answer to GET /${path} has no data, but should be a list: ${toDo}`, { toDo });
    }
    yield* data;
    // Smartsheet may give less than it is asked for, and says so.
    const given = typeof pageSize === "number" && pageSize > 0 ? Math.min(pageSize, asked) : asked;
    if (data.length < given) return;
  }
}
