import { optionError } from "../errors.ts";

/** Returns `id` if it is one. @throws {SheethookError} `option_invalid` */
export function requireId(name: string, id: unknown): number {
  if (Number.isSafeInteger(id) && Number(id) > 0) return Number(id);
  throw optionError(name, id, "an id: a whole number of at least 1");
}

/** Returns 1 to 500 of anything. @throws {SheethookError} `option_invalid` */
export function requireBatch<Item>(name: string, items: readonly Item[]): readonly Item[] {
  if (Array.isArray(items) && items.length >= 1 && items.length <= 500) return items;
  const given = Array.isArray(items) ? items.length : String(items);
  throw optionError(`${name}.length`, given, "from 1 to 500, which is what one call takes");
}
