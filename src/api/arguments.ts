import { optionError } from "../errors.ts";

/** Returns `id` if it is an id. @throws {SheethookError} `option_invalid` */
export function requireId(name: string, id: unknown): number {
  if (Number.isSafeInteger(id) && Number(id) > 0) return Number(id);
  throw optionError(name, id, "an id: a whole number of at least 1");
}

/** Returns `items` if there are 1 to 500. @throws {SheethookError} `option_invalid` */
export function requireBatch<Item>(name: string, items: readonly Item[]): readonly Item[] {
  if (Array.isArray(items) && items.length >= 1 && items.length <= 500) return items;
  const given = Array.isArray(items) ? items.length : String(items);
  throw optionError(`${name}.length`, given, "from 1 to 500, the limit of one call");
}
