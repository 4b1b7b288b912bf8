import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join, sep } from "node:path";
import { describe, it } from "node:test";
import {
  deadExportViolations,
  factViolations,
  floorViolations,
  folderViolations,
  frontDoorViolations,
  namingViolations,
  platformViolations,
  shellViolations,
  skippingViolations,
} from "./tasks/house_rules.ts";
import type { SourceFile } from "./tasks/imports.ts";
import { root } from "./tasks/run_command.ts";

const files = await readSources();
const npm = JSON.parse(await read("package.json"));
const deno = JSON.parse(await read("deno.json"));

describe("the house", () => {
  it("imports only from lower floors", () => assert.deepEqual(floorViolations(files), []));
  it("keeps the platform law", () => assert.deepEqual(platformViolations(files), []));
  it("states each fact about Smartsheet once", () => assert.deepEqual(factViolations(files), []));
  it("is named after what it holds", () => assert.deepEqual(namingViolations(files), []));
  it("has folders in which things can be found", () => assert.deepEqual(folderViolations(files), []));
  it("exports nothing that nobody imports", () => assert.deepEqual(deadExportViolations(files), []));
  it("leaves out no test silently", () => assert.deepEqual(skippingViolations(files), []));
  it("has no logic in its front door", async () => assert.deepEqual(frontDoorViolations(await read("mod.ts")), []));

  it("holds nothing else on its top level", async () => {
    const allowed =
      "package.json package-lock.json deno.json tsconfig.json mod.ts src test README.md LICENSE CHANGELOG.md";
    const ignored = (await read(".gitignore")).split("\n").filter(Boolean).map((line) => line.replace(/\/$/, ""));
    const isIgnored = (name: string) =>
      ignored.some((pattern) => pattern.startsWith("*") ? name.endsWith(pattern.slice(1)) : name === pattern);
    const names = (await readdir(root)).filter((name) => !name.startsWith(".") && !isIgnored(name));
    assert.deepEqual(names.filter((name) => !allowed.split(" ").includes(name)), []);
  });
});

describe("the manifests", () => {
  it("export the same, on npm as on JSR", () => {
    const built = (path: string) => path.replace(/^\.\/(.*)\.ts$/, "./dist/$1.js");
    const expected = Object.entries<string>(deno.exports).map(([key, path]) => [key, built(path)]);
    assert.deepEqual(npm.exports, Object.fromEntries(expected));
    const bySubpath = Object.entries<string>(deno.exports).map(([key, path]) => [`sheethook${key.slice(1)}`, path]);
    assert.deepEqual(deno.imports, Object.fromEntries(bySubpath));
    for (const path of Object.values<string>(deno.exports)) {
      assert.ok(files.some((file) => `./${file.path}` === path), `${path} is exported, but isn't there`);
    }
  });

  it("export modules that say how they are imported, with an example", () => {
    for (const [key, path] of Object.entries<string>(deno.exports)) {
      const text = files.find((file) => `./${file.path}` === path)!.text;
      const [doc = ""] = /^\/\*\*.*?\*\//s.exec(text) ?? [];
      const specifier = `sheethook${key.slice(1)}`;
      for (const part of ["@module", `\`${specifier}\`: `, "@example", `from "${specifier}";`]) {
        assert.ok(doc.includes(part), `${path} should begin with a doc that has ${part}`);
      }
    }
  });

  it("have the same version, and the same words as commands", () => {
    assert.equal(deno.version, npm.version);
    const words = Object.keys(npm.scripts).filter((word) => word !== "prepack");
    assert.deepEqual(Object.keys(deno.tasks).sort(), words.sort());
  });

  it("need no shell of POSIX for their scripts", () => assert.deepEqual(shellViolations(npm.scripts), []));

  it("leave the dependencies of users free to move, and pin our own", () => {
    for (const range of Object.values<string>(npm.dependencies)) assert.match(range, /^\^\d/);
    for (const range of Object.values<string>(npm.devDependencies)) assert.match(range, /^(npm:.+@)?\d/);
  });

  it("name no registry's host in the lockfile", async () => {
    assert.doesNotMatch(await read("package-lock.json"), /"resolved"|registry/);
  });
});

describe("each rule can fail", () => {
  const broken = (rule: (files: SourceFile[]) => string[], path: string, text: string, ...others: string[]) => () =>
    assert.equal(rule([{ path, text }, ...others.map((path) => ({ path, text: "" }))]).length, 1);

  const floor = broken.bind(undefined, floorViolations);
  it("up a floor", floor("src/inbox/memory.ts", 'import type { Worker } from "../worker.ts";'));
  it("into the next room", floor("src/receive/body.ts", 'import { ownChange } from "../change_agent/own_change.ts";'));
  it("into the next room, by re-export", floor("src/receive/body.ts", 'export {\n  a,\n} from "../inbox/inbox.ts";'));
  it("up a floor, dynamically", floor("src/serve/node.ts", 'const x = await import("../cli/main.ts");'));
  it("handler and worker know each other", floor("src/handler.ts", 'import { w } from "./worker.ts";'));
  it("on no floor", floor("src/cellar/rat.ts", ""));
  it("up a floor of the command", floor("src/cli/terminal/table.ts", 'import { a } from "../inbox/report.ts";'));
  it("into the next room of the command", floor("src/cli/doctor/url.ts", 'import { a } from "../webhooks/list.ts";'));
  it("up a layer of a room", floor("src/simulator/delivery/send.ts", 'import { a } from "../account/rows.ts";'));
  it("but not from a command's door into its room", () => {
    const file = { path: "src/cli/serve.ts", text: 'import { runServe } from "./serve/run.ts";' };
    assert.deepEqual(floorViolations([file]), []);
  });

  const folders = (paths: string[]) => folderViolations(paths.map((path) => ({ path, text: "" }))).length;
  it("a folder with too many files", () => {
    assert.equal(folders(Array.from({ length: 21 }, (_, n) => `src/inbox/${String.fromCharCode(97 + n)}.ts`)), 1);
  });
  it("a prefix that is a folder", () => {
    assert.equal(folders(["src/cli/inbox.ts", "src/cli/inbox_list.ts", "src/cli/inbox_show.ts"]), 1);
    assert.equal(folders(["src/cli/inbox.ts", "src/cli/inbox_list.ts"]), 0);
  });

  const platform = broken.bind(undefined, platformViolations);
  it("a package in the core", platform("mod.ts", 'export { Hono } from "hono";'));
  it("a computed import in the core", platform("mod.ts", "await import(name);"));
  it("Deno in the core", platform("src/errors.ts", "const v = Deno.version;"));
  it("Bun in another door", platform("src/serve/node.ts", "Bun.serve({});"));
  it("process in a door", platform("src/serve/deno.ts", "process.exit(1);"));
  it("Buffer in the core", platform("src/receive/body.ts", 'Buffer.from("")'));
  it("node: in the core", platform("src/receive/body.ts", 'import "node:crypto";'));
  it("over two files", () => {
    const reached = [{ path: "mod.ts", text: 'export * from "./src/a.ts";' }, {
      path: "src/a.ts",
      text: 'import "ky";',
    }];
    assert.deepEqual(platformViolations(reached), ["src/a.ts imports ky, but mod.ts reaches it"]);
  });

  const fact = broken.bind(undefined, factViolations);
  it("a second list of ports", fact("src/serve/tls.ts", "const PORTS = [443, 8000, 8008];"));
  it("a second host", fact("src/api/api.ts", 'const url = "https://api.smartsheet.eu/2.0";'));
  it("a second header", fact("src/handler.ts", 'headers.get("smartsheet-hook-challenge")'));

  const naming = broken.bind(undefined, namingViolations);
  it("a drawer for everything", naming("src/receive/utils.ts", ""));
  it("another case", naming("src/receive/readBody.ts", ""));
  it("a specifier of another language", naming("src/a.ts", 'import "./b.js";'));

  const skipping = broken.bind(undefined, skippingViolations);
  it("a skip without a reason", skipping("test/a_test.ts", 'test("a", { skip: true }, () => {});'));
  it("a skip that Deno counts as passed", skipping("test/a_test.ts", 't.skip("no network");'));
  it("tests that Deno doesn't see", skipping("test/a_test.ts", 'describe("a", async () => {});'));
  it("only", skipping("test/a_test.ts", 'test.only("a", () => {});'));

  it("a script for a POSIX shell", () => {
    const lines = [
      ...["A=1 node a.ts", "node a.ts && B=2 node b.ts", "node -e '1'", "exec node a.ts", "rm -rf dist", "./run"],
      ...["node a.ts && cp a b", "node a.ts; node b.ts", "node a.ts | node b.ts", "node a.ts &", "node $A", "node >a"],
    ];
    for (const line of lines) assert.equal(shellViolations({ line }).length, 1, line);
    assert.deepEqual(shellViolations({ line: 'node --import ./a.js "b c" && node b.ts || node c.ts' }), []);
  });

  const dead = (text: string) =>
    deadExportViolations([{ path: "src/a.ts", text: "export function a() {}" }, { path: "test/a_test.ts", text }])
      .length;
  it("an export that nobody imports", () => {
    assert.equal(dead('import { b } from "../src/a.ts"; // a'), 1);
    assert.equal(dead('import { a } from "../src/a.ts";'), 0);
  });

  it("logic in the front door", () => assert.equal(frontDoorViolations("export const a = 1;").length, 1));

  it("but not by a comment, a string or a lower floor", () => {
    const text = [
      '/** @example import { a } from "../worker.ts"; Deno.serve() */',
      'const a = "Deno.serve"; // Bun.serve, and import "node:fs"',
      "const b = /[\"'`]/.test(a);",
      'import { parseCallback } from "../callback/parse_callback.ts";',
    ].join("\n");
    const file = { path: "src/receive/body.ts", text };
    const all = [floorViolations, platformViolations, namingViolations, skippingViolations];
    assert.deepEqual(all.flatMap((rule) => rule([file])), []);
  });
});

function read(name: string): Promise<string> {
  return readFile(join(root, name), "utf8");
}

async function readSources(): Promise<SourceFile[]> {
  const names = await Promise.all(
    ["src", "test"].map(async (folder) =>
      (await readdir(join(root, folder), { recursive: true })).map((name) => `${folder}/${name.replaceAll(sep, "/")}`)
    ),
  );
  const paths = [...names.flat().filter((name) => /\.[jt]s$/.test(name)), "mod.ts"];
  return Promise.all(paths.map(async (path) => ({ path, text: await read(path).catch(() => "") })));
}
