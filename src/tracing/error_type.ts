import { propertyOf } from "../errors.ts";

/** The `error.type` of what was thrown: its name, which has few values. Never its message. */
export function errorType(thrown: unknown): string {
  const name = propertyOf(thrown, "name");
  return typeof name === "string" && /^[\w.]{1,64}$/.test(name) ? name : "_OTHER";
}
