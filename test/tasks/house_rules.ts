import { importsOf, namesOnly, reachedFrom, resolveImport, type SourceFile, withoutComments } from "./imports.ts";

/** The floors of the house, from the ground up; what stands in one line is rooms that don't know each other. */
const floors: readonly (readonly string[])[] = [
  ["errors", "printable", "redact", "sleep", "thenable"],
  ["error_text"],
  ["logger", "counts", "gate", "within"],
  ["callback"],
  ["receive", "change_agent", "dispatch", "inbox", "api"],
  ["handler", "worker"],
  ["receiver"],
  ["serve", "simulator", "console", "secrets_file"],
  ["cli"],
];

/** Files that stand beside a room's door and belong to it. */
const roomOfFile: Readonly<Record<string, string>> = {
  problem: "handler",
  refusal: "handler",
  attempt: "worker",
  lane: "worker",
  outcome: "worker",
  refused_write: "worker",
};

/** Where the platform's own names may be used. */
const platforms: readonly { readonly name: RegExp; readonly where: RegExp }[] = [
  { name: /\bDeno\b/, where: /^src\/serve\/deno\.ts$/ },
  { name: /\bBun\b/, where: /^src\/serve\/bun\.ts$/ },
  { name: /\b(process|Buffer|__dirname|__filename)\b|\brequire\(/, where: /^src\/cli\// },
];
const nodeModules = /^src\/(cli\/|secrets_file\/|serve\/(node|tls)\.ts$|inbox\/(sqlite|postgres))/;

/** What breaks the rule of the floors: a file imports only from a lower floor or its own room. */
export function floorViolations(files: readonly SourceFile[]): string[] {
  return files.filter(({ path }) => path.startsWith("src/")).flatMap((file) => {
    const here = placeOf(file.path);
    if (!here) return [`${file.path} is on no floor`];
    return importsOf(file.text).flatMap((specifier) => {
      const path = resolveImport(file.path, specifier);
      const there = path === undefined ? here : placeOf(path);
      if (there && (there.floor < here.floor || there.room === here.room)) return [];
      return [`${file.path} imports ${specifier}, which is on no lower floor`];
    });
  });
}

function placeOf(path: string): { room: string; floor: number } | undefined {
  const name = /^src\/(\w+)(?:\/|\.ts$)/.exec(path)?.[1] ?? "";
  const room = roomOfFile[name] ?? name;
  const floor = floors.findIndex((rooms) => rooms.includes(room));
  return floor < 0 ? undefined : { room, floor };
}

/** What breaks the platform law: mod.ts reaches web standards and valibot, the rest keeps to its door. */
export function platformViolations(files: readonly SourceFile[]): string[] {
  const core = reachedFrom("mod.ts", files);
  const foreign = core.flatMap((file) =>
    importsOf(file.text)
      .filter((specifier) => resolveImport(file.path, specifier) === undefined && specifier !== "valibot")
      .map((specifier) => `${file.path} imports ${specifier}, but mod.ts reaches it`)
  );
  const computed = core
    .filter(({ text }) => /\bimport\s*\(\s*[^"'\s]/.test(withoutComments(text)))
    .map(({ path }) => `${path} imports what it computes, but mod.ts reaches it`);
  const sources = files.filter(({ path }) => path === "mod.ts" || path.startsWith("src/"));
  const names = sources.flatMap(({ path, text }) =>
    platforms
      .filter(({ name, where }) => !where.test(path) && name.test(namesOnly(text)))
      .map(({ name }) => `${path} uses ${name.exec(namesOnly(text))?.[0]}`)
  );
  const modules = sources
    .filter(({ path, text }) => !nodeModules.test(path) && importsOf(text).some((name) => name.startsWith("node:")))
    .map(({ path }) => `${path} imports node:`);
  return [...foreign, ...computed, ...names, ...modules];
}

/** What is named against the manners. */
export function namingViolations(files: readonly SourceFile[]): string[] {
  const names = files
    .filter(({ path }) => /(^|\/)(utils?|helpers?|common|types|misc)(\.ts$|\/)/.test(path))
    .map(({ path }) => `${path} is named after nothing that it holds`);
  const cases = files
    .filter(({ path }) => !/^[a-z0-9_/]+(\.d)?\.[jt]s$/.test(path))
    .map(({ path }) => `${path} isn't snake_case`);
  const specifiers = files.flatMap((file) =>
    importsOf(file.text)
      .filter((specifier) => /^\.{1,2}(\/|$)/.test(specifier) && !/\.(ts|json)$/.test(specifier))
      .map((specifier) => `${file.path} imports ${specifier}, which should end in .ts`)
  );
  return [...names, ...cases, ...specifiers];
}

/**
 * What makes a test pass without having run: a skip without its reason, a skip in a test (Deno counts it as passed),
 * tests defined after an await in `describe` (Deno doesn't see them), `only`.
 */
export function skippingViolations(files: readonly SourceFile[]): string[] {
  const silent =
    /\bskip:\s*true\b|\b(?:describe|suite)\([^()]*\basync\b|\b(?:test|it|describe|suite|t|context)\.(?:skip|todo|only)\s*\(|\b(?:only|todo):/;
  return files
    .filter(({ path, text }) => path.endsWith("_test.ts") && silent.test(namesOnly(text)))
    .map(({ path, text }) => `${path} leaves out tests silently: ${silent.exec(namesOnly(text))?.[0]}`);
}

/** What mod.ts holds besides re-exports. */
export function frontDoorViolations(text: string): string[] {
  const rest = withoutComments(text).replace(/export\s+(?:type\s+)?(?:\*|\{[^}]*\})\s+from\s+"[^"]+";/g, "").trim();
  return rest ? [`mod.ts holds ${JSON.stringify(rest)}, but should only re-export`] : [];
}
