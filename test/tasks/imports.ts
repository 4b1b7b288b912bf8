import { dirname, join } from "node:path/posix";

/** A source file of the project; `path` is relative to its folder, e.g. `src/errors.ts`. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

const comment = /\/\/[^\n]*|\/\*[\s\S]*?\*\//;
const string = /"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'/;
const template = /`(?:\\[\s\S]|[^`\\])*`/;
const regularExpression =
  /(?<=(?:[(,=:[!&|?{};]|\breturn|=>)\s*)\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\/[a-z]*/;
const token = new RegExp([comment, string, template, regularExpression].map(({ source }) => source).join("|"), "g");

const importStatements = [
  /(?:^|[;{}\n])\s*(?:import|export)\b[^"'`;()=]*?\bfrom\s*(["'])([^"'\n]+)\1/g,
  /(?:^|[;{}\n])\s*import\s*(["'])([^"'\n]+)\1/g,
  /\bimport\s*\(\s*(["'])([^"'\n]+)\1/g,
];

/** The text without its comments: examples in them import, too, and mean nothing. */
export function withoutComments(text: string): string {
  return text.replace(token, (found) => /^\/[/*]/.test(found) ? " " : found);
}

/** The text without comments and without what is quoted, so that a name in it is a name in the program. */
export function namesOnly(text: string): string {
  return text.replace(token, (found) => /^\/[/*]/.test(found) ? " " : `""`);
}

/** The specifiers that a file imports or re-exports, types included, those of `import("...")` included. */
export function importsOf(text: string): string[] {
  const code = withoutComments(text);
  return importStatements.flatMap((statement) =>
    [...code.matchAll(statement)].map(([, , specifier = ""]) => specifier)
  );
}

/** The path that a relative specifier means, or `undefined` for a package. */
export function resolveImport(from: string, specifier: string): string | undefined {
  return /^\.{1,2}\//.test(specifier) ? join(dirname(from), specifier) : undefined;
}

/** `entry` and all that it reaches over relative imports, out of `files`. */
export function reachedFrom(entry: string, files: readonly SourceFile[]): SourceFile[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const reached = new Map<string, SourceFile>();
  const queue = [entry];
  for (const path of queue) {
    const file = byPath.get(path);
    if (!file || reached.has(path)) continue;
    reached.set(path, file);
    queue.push(...importsOf(file.text).flatMap((specifier) => resolveImport(path, specifier) ?? []));
  }
  return [...reached.values()];
}
