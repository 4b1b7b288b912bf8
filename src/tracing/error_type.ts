import { propertyOf } from "../errors.ts";

/** The `error.type` of what was thrown: its name, or its code if it is ours. Both have few values. Never its message. */
export function errorType(thrown: unknown): string {
  const own = propertyOf(thrown, "name");
  const name = own === "SheethookError" ? propertyOf(thrown, "code") : own;
  return typeof name === "string" && /^[\w.]{1,64}$/.test(name) ? name : "_OTHER";
}
