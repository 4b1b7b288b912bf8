import { existsSync, readFileSync } from "node:fs";
import * as nodeModule from "node:module";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";
import { messageOf } from "../../errors.ts";

/** A location in a source file: `FILE:LINE:COLUMN`. */
const LOCATION = /(?:^|\(|\bat (?:async )?)((?:file:\/\/|\/|[A-Za-z]:[\\/]).+?):(\d+)(?::(\d+))?(?=\)|:|\s|$)/gm;
const OURS = new URL("../../", import.meta.url).href;
const INSTALL_TSX = "install tsx (npm install --save-dev tsx), which reads all of TypeScript";

/** A location as Bun reports it. */
interface Position {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/**
 * Why a module couldn't be imported, where, and what to do: each runtime and tsx report that in their own way.
 *
 * @param file the module
 * @param isStripped whether Node has only stripped its types, because tsx isn't installed
 */
export function explainImport(file: string, thrown: unknown, isStripped: boolean): string {
  // Bun may report several.
  const [error = thrown] = thrown instanceof AggregateError ? thrown.errors : [];
  const { code, name, message, position, url } = (error ?? {}) as
    & {
      readonly [name in "code" | "name" | "message" | "url"]?: string;
    }
    & { readonly position?: Position | null };
  const text = stripVTControlCharacters(String(message ?? ""));
  const location = position ? `${position.file}:${position.line}:${position.column}` : locationOf(error);
  const at = location ? ` at ${location}` : "";
  const [line = ""] = text.replace(/^SyntaxError: /, "").split("\n");
  const reason = line.replace(/ at file:.*$/, "");

  if (code === "ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX") {
    return `Module ${file} needs more than Node's stripping of types${at}: ${reason}: ${INSTALL_TSX}`;
  }
  if (/does not provide an export named|^Export named/.test(text)) {
    const hint = isStripped ? `; if that is a type, import it with \`import type\`, or ${INSTALL_TSX}` : "";
    return `Module ${file} imports a name that isn't exported${at}: ${reason}${hint}`;
  }
  const [, esbuild] = /: ERROR: (.*)/.exec(text) ?? [];
  if (
    esbuild || name === "BuildMessage" || /^SyntaxError: /.test(text) || (name === "SyntaxError" && !wasThrown(error))
  ) {
    return syntaxError(file, location, esbuild ?? reason, isStripped && code === undefined);
  }
  // tsx imports with require where package.json has no type: that is the second code.
  if (code === "ERR_MODULE_NOT_FOUND" || code === "MODULE_NOT_FOUND" || name === "ResolveMessage") {
    const hint = isStripped && url && isOfTypeScript(url)
      ? `: Node wants the whole name of the file (./name.ts); write that, or ${INSTALL_TSX}`
      : "";
    const [, by] = /Require stack:\s+- (.*)/.exec(text) ?? [];
    const importer = by ? ` imported from ${by}` : "";
    return `Module ${file} imports what isn't there${by ? "" : at}: ${reason}${importer}${hint}`;
  }
  return `Module ${file} threw an error while it was loaded${at}: ${messageOf(thrown)}`;
}

/** The first location in a stack that isn't sheethook's own; one outside of node_modules if there is any. */
export function locationOf(error: unknown): string | undefined {
  const { stack, message } = (error ?? {}) as { readonly stack?: string; readonly message?: string };
  const locations: string[] = [];
  for (const text of [stack, message]) {
    for (const [, file = "", line, column] of stripVTControlCharacters(String(text ?? "")).matchAll(LOCATION)) {
      if (file.startsWith(OURS)) continue;
      const path = file.startsWith("file:") ? fileURLToPath(file) : file;
      if (path.startsWith(fileURLToPath(OURS))) continue;
      locations.push([path, line, column].filter(Boolean).join(":"));
    }
  }
  return locations.find((location) => !/[\\/]node_modules[\\/]/.test(location)) ?? locations[0];
}

function syntaxError(file: string, location: string | undefined, reason: string, mayBeTypeScript: boolean): string {
  // Node doesn't report the location of a syntax error in JavaScript; its TypeScript parser does.
  const found = location ? { location, reason } : parse(file) ?? { location: undefined, reason };
  const where = found.location ? ` at ${found.location}` : ", or in a module that it imports";
  const hint = mayBeTypeScript ? `; if it is right as TypeScript, ${INSTALL_TSX}` : "";
  return `Module ${file} has a syntax error${where}: ${found.reason}${hint}`;
}

function parse(file: string): { readonly location: string; readonly reason: string } | undefined {
  const { emitWarning } = process;
  // Node warns that the parser is experimental.
  process.emitWarning = () => {};
  try {
    nodeModule.stripTypeScriptTypes?.(readFileSync(file, "utf8"));
  } catch (error) {
    const [, line] = /^.*?:(\d+)\n/.exec((error as Error).stack ?? "") ?? [];
    if (line) return { location: `${file}:${line}`, reason: (error as Error).message };
  } finally {
    process.emitWarning = emitWarning;
  }
  return undefined;
}

/** Whether code threw the SyntaxError, such as JSON.parse: its stack then has a location. */
function wasThrown(error: unknown): boolean {
  return /^SyntaxError/.test((error as Error).stack ?? "") && locationOf(error) !== undefined;
}

/** Whether TypeScript would resolve the URL: to the file with an extension, or to a .ts file instead of .js. */
function isOfTypeScript(url: string): boolean {
  const path = fileURLToPath(url);
  return existsSync(`${path}.ts`) || (/\.[cm]?js$/.test(path) && existsSync(path.replace(/js$/, "ts")));
}
