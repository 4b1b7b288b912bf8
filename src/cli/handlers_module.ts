import { statSync } from "node:fs";
import { createRequire } from "node:module";
import { extname, resolve } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { messageOf } from "../errors.ts";
import type { Receiver } from "../receiver.ts";
import { currentRuntime } from "./door.ts";

/**
 * Imports a module of handlers, JavaScript or TypeScript, and calls its default export with the receiver. Deno and Bun
 * read TypeScript themselves. Node strips types; what it can't read so, tsx does, if it is installed beside the module or
 * beside sheethook.
 *
 * @param path relative to the working directory
 * @throws {Error} if it isn't there, can't be imported, default-exports no function, or that function fails
 */
export async function registerHandlers(path: string, receiver: Receiver): Promise<void> {
  const file = resolve(path);
  if (!statSync(file, { throwIfNoEntry: false })?.isFile()) {
    throw new Error(`Module is ${path}, but should be a file with handlers: there is none at ${file}`);
  }
  const register = unwrapDefault(await importModule(file));
  if (typeof register !== "function") {
    const found = register === undefined ? "has no default export" : `default-exports ${article(register)}`;
    throw new Error(`Module ${file} ${found}, but should: export default (receiver) => { receiver.on("*.*", ...) }`);
  }
  try {
    await register(receiver);
  } catch (cause) {
    throw new Error(`Module ${file} failed while it registered handlers: ${messageOf(cause)}`, { cause });
  }
}

async function importModule(file: string): Promise<unknown> {
  const isTypeScript = currentRuntime() === "node" && /^\.[cm]?tsx?$/.test(extname(file));
  const tsx = isTypeScript ? findTsx(file) : undefined;
  if (isTypeScript && !process.features.typescript) {
    if (!tsx) {
      throw new Error(
        `Module ${file} is TypeScript, which Node ${process.versions.node} can't read: ` +
          "install tsx (npm install --save-dev tsx), or use Node 22.18 or newer",
      );
    }
    await registerTsx(tsx);
  }
  const { href } = pathToFileURL(file);
  try {
    return (await import(href).catch(async (error) => {
      // Nothing has run yet when a module can't even be linked, so a second look does no harm.
      if (!tsx || !isBeyondStripping(error)) throw error;
      await registerTsx(tsx);
      return await import(href);
    })).default;
  } catch (cause) {
    const hint = isTypeScript && !tsx && isBeyondStripping(cause)
      ? ": Node only strips types; install tsx (npm install --save-dev tsx), which reads all of TypeScript"
      : "";
    throw new Error(`Module ${file} could not be imported: ${messageOf(cause)}${hint}`, { cause });
  }
}

/** True for what TypeScript allows and stripping types can't do: enums, imports without extension or of types. */
function isBeyondStripping(error: unknown): boolean {
  return error instanceof SyntaxError ||
    /^ERR_(UNSUPPORTED|UNKNOWN|MODULE_NOT_FOUND)/.test(String((error as NodeJS.ErrnoException)?.code));
}

async function registerTsx(tsx: string): Promise<void> {
  // Not tsImport: it would load a second sheethook, whose classes are not these.
  const { register } = await import(pathToFileURL(tsx).href) as { register: () => unknown };
  register();
}

function findTsx(file: string): string | undefined {
  for (const from of [file, import.meta.url]) {
    try {
      // The module's half of the package: its CommonJS half fails to register on Node 22.13.
      return createRequire(from).resolve("tsx/esm/api").replace(/\.cjs$/, ".mjs");
    } catch {
      // Not there: the next place, or Node itself.
    }
  }
  return undefined;
}

/** A CommonJS module's `default` is its whole `exports`, which hold what was compiled from `export default`. */
function unwrapDefault(value: unknown): unknown {
  if (typeof value !== "object" || value === null || !("default" in value || "__esModule" in value)) return value;
  return (value as { default?: unknown }).default;
}

function article(value: unknown): string {
  return value === null ? "null" : typeof value === "object" ? "an object" : `a ${typeof value}`;
}
