import { createRequire } from "node:module";
import { extname } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { currentRuntime } from "../server_adapter.ts";
import { explainImport } from "./import_error.ts";

/**
 * The default export of a module in JavaScript or TypeScript. Deno and Bun read TypeScript themselves. Node strips types;
 * for syntax that needs more, tsx is used if it is installed beside the module or beside sheethook.
 *
 * @param file its absolute path
 * @throws {Error} with the location in the source, and what to do
 */
export async function importModule(file: string): Promise<unknown> {
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
      // A module that can't be linked hasn't run, so a second import is safe.
      if (!tsx || !isBeyondStripping(error)) throw error;
      await registerTsx(tsx);
      return await import(href);
    })).default;
  } catch (cause) {
    throw new Error(explainImport(file, cause, isTypeScript && !tsx), { cause });
  }
}

/** Whether the module needs more than stripping types: enums, decorators, imports without extension or of types. */
function isBeyondStripping(error: unknown): boolean {
  const code = String((error as NodeJS.ErrnoException | undefined)?.code);
  if (code === "ERR_INVALID_TYPESCRIPT_SYNTAX") return false;
  return error instanceof SyntaxError || /^ERR_(UNSUPPORTED|UNKNOWN|MODULE_NOT_FOUND)/.test(code);
}

async function registerTsx(tsx: string): Promise<void> {
  // Not tsImport: it would load a second sheethook, whose classes are not these.
  const { register } = await import(pathToFileURL(tsx).href) as { register: () => unknown };
  register();
}

function findTsx(file: string): string | undefined {
  for (const from of [file, import.meta.url]) {
    try {
      // The ES module of the package: the CommonJS one fails to register on Node 22.13.
      return createRequire(from).resolve("tsx/esm/api").replace(/\.cjs$/, ".mjs");
    } catch {
      // tsx isn't installed there.
    }
  }
  return undefined;
}
