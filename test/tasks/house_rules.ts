import { importsOf, namesOnly, reachedFrom, resolveImport, type SourceFile, withoutComments } from "./imports.ts";

/** The floors of the house, from the ground up; what stands in one line is rooms that don't know each other. */
const floors: readonly (readonly string[])[] = [
  ["text", "json", "redact", "thenable", "counts", "tracing_port"],
  ["errors"],
  ["error_text", "async"],
  ["logger", "smartsheet"],
  ["callback"],
  ["receive", "change_agent", "inbox", "api"],
  ["mirror"],
  ["dispatch"],
  ["handler", "worker"],
  ["receiver"],
  ["serve", "forward", "simulator", "console", "secrets_file", "tracing"],
  ["cli"],
];

/** The floors inside of the command: `src/cli/serve.ts` is the door of `src/cli/serve/`, and belongs to that room. */
const cliFloors: readonly (readonly string[])[] = [
  ["version", "terminal"],
  ["options"],
  ["secrets"],
  ["inbox", "mirror"],
  ["server_adapter", "send", "watch", "alerts"],
  ["webhooks", "doctor", "simulate", "sign"],
  ["serve", "demo", "init"],
  ["program"],
  ["main"],
];

/** Files that stand beside a room's door and belong to it. */
const roomOfFile: Readonly<Record<string, string>> = { accept: "handler" };

/** Layers inside a room, from the ground up; the files beside these folders belong to none. */
const layers: Readonly<Record<string, readonly string[]>> = {
  simulator: ["delivery", "account", "http"],
  console: ["metrics", "pages", "access"],
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
      const isUp = path !== undefined && layerOf(file.path) >= 0 && layerOf(path) > layerOf(file.path);
      if (there && (isLower(there.floor, here.floor) || (there.room === here.room && !isUp))) return [];
      return [`${file.path} imports ${specifier}, which is on no lower floor`];
    });
  });
}

/** The floor of the house, and behind it that inside of the command. */
type Floor = readonly [number, number];

function isLower(a: Floor, b: Floor): boolean {
  return a[0] < b[0] || (a[0] === b[0] && a[1] < b[1]);
}

function placeOf(path: string): { room: string; floor: Floor } | undefined {
  const [, name = "", inner = ""] = /^src\/(\w+)(?:\/(\w+))?[/.]/.exec(path) ?? [];
  const room = roomOfFile[name] ?? name;
  const floor = floors.findIndex((rooms) => rooms.includes(room));
  if (floor < 0) return undefined;
  if (room !== "cli") return { room, floor: [floor, 0] };
  const innerFloor = cliFloors.findIndex((rooms) => rooms.includes(inner));
  return innerFloor < 0 ? undefined : { room: `cli/${inner}`, floor: [floor, innerFloor] };
}

function layerOf(path: string): number {
  const [, room = "", inner = ""] = /^src\/(\w+)\/(\w+)\//.exec(path) ?? [];
  return layers[room]?.indexOf(inner) ?? -1;
}

const MOST_FILES = 20;

/** Folders in which nothing can be found: too many files in one, or a prefix that three of them share. */
export function folderViolations(files: readonly SourceFile[]): string[] {
  const names = new Map<string, string[]>();
  for (const { path } of files) {
    const [, folder, name] = /^(.+)\/([^/]+?)(?:_test)?\.\w+$/.exec(path) ?? [];
    if (folder && name && !/\/(bench|soak|tasks)$/.test(folder)) names.set(folder, [...names.get(folder) ?? [], name]);
  }
  return [...names].flatMap(([folder, names]) => {
    const prefixes = Map.groupBy(new Set(names), (name) => name.split("_")[0]!);
    const shared = [...prefixes].filter(([, names]) => names.length >= 3).map(([prefix]) =>
      `${folder} has three files that begin with ${prefix}, which should be a folder`
    );
    return names.length > MOST_FILES
      ? [...shared, `${folder} has ${names.length} files, more than ${MOST_FILES}`]
      : shared;
  });
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

const smartsheetFact = /https:\/\/api\.smartsheet|["'`]smartsheet-(?:hook|hmac|change)|\b8008\b/i;

/** Facts about Smartsheet that are written outside of src/smartsheet/. The simulator keeps its own. */
export function factViolations(files: readonly SourceFile[]): string[] {
  return files
    .filter(({ path }) => path.startsWith("src/") && !/^src\/(smartsheet|simulator)\//.test(path))
    .flatMap(({ path, text }) => {
      const [fact] = smartsheetFact.exec(withoutComments(text)) ?? [];
      return fact ? [`${path} repeats a fact of src/smartsheet/: ${fact}`] : [];
    });
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

/** What src exports and no other file names: functions, constants, classes. */
export function deadExportViolations(files: readonly SourceFile[]): string[] {
  const names = files.map(({ path, text }) => ({ path, names: new Set(namesOnly(text).match(/\w+/g)) }));
  return files.filter(({ path }) => path.startsWith("src/")).flatMap(({ path, text }) =>
    [...text.matchAll(/^export (?:async )?(?:function\*?|const|class) (\w+)/gm)]
      .filter(([, name]) => !names.some((other) => other.path !== path && other.names.has(name!)))
      .map(([, name]) => `${path} exports ${name}, which no other file names`)
  );
}

/** What mod.ts holds besides re-exports. */
export function frontDoorViolations(text: string): string[] {
  const rest = withoutComments(text).replace(/export\s+(?:type\s+)?(?:\*|\{[^}]*\})\s+from\s+"[^"]+";/g, "").trim();
  return rest ? [`mod.ts holds ${JSON.stringify(rest)}, but should only re-export`] : [];
}

/** What cmd.exe, to which npm hands scripts on Windows, takes for something else. */
const posixOnly: readonly RegExp[] = [
  /(?:^|&& )\w+=\S*/,
  /['`$;\\*<>]/,
  /(?<!&)&(?!&)|(?<!\|)\|(?!\|)/,
  /(?:^|&& )(?:\.{0,2}\/|(?:exec|export|source|test|true|false|sh|bash|rm|cp|mv|mkdir|cat|touch|ls|env|chmod|grep|sed)\b)/,
];

/** What only a POSIX shell understands in the scripts of package.json. */
export function shellViolations(scripts: Readonly<Record<string, string>>): string[] {
  return Object.entries(scripts).flatMap(([name, line]) => {
    const found = posixOnly.map((pattern) => pattern.exec(line)?.[0]).find((text) => text !== undefined);
    return found === undefined ? [] : [`script ${name} needs a POSIX shell for ${found}`];
  });
}
