import { existsSync, readFileSync } from "node:fs";
import * as nodeModule from "node:module";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";
import { messageOf } from "../../errors.ts";

/** A place in a source file, as editors and terminals open it: `FILE:LINE:COLUMN`. */
const PLACE = /(?:^|\(|\bat (?:async )?)((?:file:\/\/|\/|[A-Za-z]:[\\/]).+?):(\d+)(?::(\d+))?(?=\)|:|\s|$)/gm;
const OURS = new URL("../../", import.meta.url).href;
const INSTALL_TSX = "install tsx (npm install --save-dev tsx), which reads all of TypeScript";

/** What Bun says of a place. */
interface Position {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/**
 * Why a module couldn't be imported, what to do about it, and where: each runtime, and tsx, says it in another way.
 *
 * @param file the module
 * @param isStripped whether Node has only stripped its types, for want of tsx
 */
export function explainImport(file: string, thrown: unknown, isStripped: boolean): string {
  // Bun's, of which there may be several.
  const [error = thrown] = thrown instanceof AggregateError ? thrown.errors : [];
  const { code, name, message, position, url } = error as
    & {
      readonly [name in "code" | "name" | "message" | "url"]?: string;
    }
    & { readonly position?: Position | null };
  const text = stripVTControlCharacters(String(message ?? ""));
  const place = position ? `${position.file}:${position.line}:${position.column}` : placeOf(error);
  const at = place ? ` at ${place}` : "";
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
    return syntaxError(file, place, esbuild ?? reason, isStripped && code === undefined);
  }
  // The second is require's, with which tsx imports where package.json says nothing of modules.
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

/** The first place in a stack that is neither sheethook's own nor, if there is another, in node_modules. */
export function placeOf(error: unknown): string | undefined {
  const { stack, message } = error as { readonly stack?: string; readonly message?: string };
  const places: string[] = [];
  for (const text of [stack, message]) {
    for (const [, file = "", line, column] of stripVTControlCharacters(String(text ?? "")).matchAll(PLACE)) {
      if (file.startsWith(OURS)) continue;
      const path = file.startsWith("file:") ? fileURLToPath(file) : file;
      if (path.startsWith(fileURLToPath(OURS))) continue;
      places.push([path, line, column].filter(Boolean).join(":"));
    }
  }
  return places.find((place) => !/[\\/]node_modules[\\/]/.test(place)) ?? places[0];
}

function syntaxError(file: string, place: string | undefined, reason: string, mayBeTypeScript: boolean): string {
  // Node keeps the place of an error in JavaScript to itself: its parser of TypeScript doesn't.
  const found = place ? { place, reason } : parse(file) ?? { place: undefined, reason };
  const where = found.place ? ` at ${found.place}` : ", or in a module that it imports";
  const hint = mayBeTypeScript ? `; if it is right as TypeScript, ${INSTALL_TSX}` : "";
  return `Module ${file} has a syntax error${where}: ${found.reason}${hint}`;
}

function parse(file: string): { readonly place: string; readonly reason: string } | undefined {
  const { emitWarning } = process;
  // Of the parser's being experimental.
  process.emitWarning = () => {};
  try {
    nodeModule.stripTypeScriptTypes?.(readFileSync(file, "utf8"));
  } catch (error) {
    const [, line] = /^.*?:(\d+)\n/.exec((error as Error).stack ?? "") ?? [];
    if (line) return { place: `${file}:${line}`, reason: (error as Error).message };
  } finally {
    process.emitWarning = emitWarning;
  }
  return undefined;
}

/** Such as JSON.parse throws: it has a place in its stack, where one of a compiler has its place before that. */
function wasThrown(error: unknown): boolean {
  return /^SyntaxError/.test((error as Error).stack ?? "") && placeOf(error) !== undefined;
}

/** Whether TypeScript would find a file under another name: without an extension, or as .js. */
function isOfTypeScript(url: string): boolean {
  const path = fileURLToPath(url);
  return existsSync(`${path}.ts`) || (/\.[cm]?js$/.test(path) && existsSync(path.replace(/js$/, "ts")));
}
