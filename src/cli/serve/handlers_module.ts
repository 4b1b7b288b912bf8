import { statSync } from "node:fs";
import { resolve } from "node:path";
import { messageOf } from "../../errors.ts";
import type { Logger } from "../../logger.ts";
import type { Receiver } from "../../receiver.ts";
import { locationOf } from "./import_error.ts";
import { importModule } from "./import_module.ts";
import { watchRegistrations } from "./registrations.ts";

/**
 * Imports a handlers' module, and calls its default export with the receiver. Warns if it registers no handler, or one for
 * a type of event that Smartsheet doesn't have.
 *
 * @param path relative to the working directory
 * @throws {Error} if it isn't there, can't be imported, default-exports no function, or that function fails
 */
export async function registerHandlers(path: string, receiver: Receiver, logger: Logger): Promise<void> {
  const file = resolve(path);
  if (!statSync(file, { throwIfNoEntry: false })?.isFile()) {
    throw new Error(`Module is ${path}, but should be a file with handlers: there is none at ${file}`);
  }
  const register = unwrapDefault(await importModule(file));
  if (typeof register !== "function") {
    const found = register === undefined ? "has no default export" : `default-exports ${article(register)}`;
    throw new Error(`Module ${file} ${found}, but should: export default (receiver) => { receiver.on("*.*", ...) }`);
  }
  const registrations = watchRegistrations(receiver);
  try {
    await register(registrations.receiver);
  } catch (cause) {
    const location = locationOf(cause);
    const at = location ? ` at ${location}` : "";
    throw new Error(`Module ${file} failed while it registered handlers${at}: ${messageOf(cause)}`, { cause });
  }
  for (const warning of registrations.warnings()) logger.warn(`{module}: ${warning}`, { module: path });
}

/** The `default` of a CommonJS module is its `exports`, whose `default` was compiled from `export default`. */
function unwrapDefault(value: unknown): unknown {
  if (typeof value !== "object" || value === null || !("default" in value || "__esModule" in value)) return value;
  return (value as { default?: unknown }).default;
}

function article(value: unknown): string {
  return value === null ? "null" : typeof value === "object" ? "an object" : `a ${typeof value}`;
}
