import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { runtime } from "../support/runtime.ts";
import { runCommand } from "../support/run_cli.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const node = runtime === "node" ? process.execPath : join(root, "node_modules/node/bin/node");

/** Runs main.ts on a Node that gives itself out for another. */
function runAs(versions: Record<string, string>) {
  const fake = `Object.defineProperty(process, "versions", { value: { ...process.versions, ...${
    JSON.stringify(versions)
  } } })`;
  const main = join(root, "src/cli/main.ts");
  return runCommand([node, "--import", `data:text/javascript,${encodeURIComponent(fake)}`, main, "--version"]);
}

test("main refuses a Node that is too old, in one line", async () => {
  for (const version of ["18.20.8", "20.19.0", "22.12.0"]) {
    assert.deepEqual(await runAs({ node: version }), {
      code: 1,
      stdout: "",
      stderr: `sheethook: this is Node ${version}, but it should be 22.13 or newer (or Deno, or Bun)\n`,
    });
  }
});

test("main takes any newer Node, and a Deno or Bun whatever version of Node it tells", async () => {
  const accepted: Record<string, string>[] = [
    { node: "22.13.0" },
    { node: "23.0.0" },
    { node: "18.0.0", deno: "2.0.0" },
    { node: "18.0.0", bun: "1.3.0" },
  ];
  for (const versions of accepted) {
    const { code, stdout } = await runAs(versions);
    assert.deepEqual([code, stdout.trim().split(".").length], [0, 3]);
  }
});

/** What a file and its imports import, without those that wait until they are called. */
async function importsOf(file: URL, found = new Set<string>()): Promise<Set<string>> {
  if (found.has(file.pathname)) return found;
  found.add(file.pathname);
  const imports = (await readFile(file, "utf8")).matchAll(
    /^(?:import|export) (?!type\b)(?:[\w*{][^;"=]* from )?"([^"]+)";/gm,
  );
  for (const [, specifier = ""] of imports) {
    if (specifier.startsWith(".")) await importsOf(new URL(specifier, file), found);
    else found.add(specifier);
  }
  return found;
}

test("program loads no engine, no client and no server before a command needs it", async () => {
  const found = [...await importsOf(new URL("../../src/cli/program.ts", import.meta.url))];
  assert.ok(found.some((name) => name.endsWith("/src/cli/webhooks/rotate.ts")));
  assert.deepEqual(found.filter((name) => !/^node:|\.ts$/.test(name)), ["commander"]);
  const heavy =
    /node:(http|https|tls|sqlite)$|src\/(api\/api|receiver|inbox\/(memory|sqlite)|simulator\/simulator|serve\/(node|deno|bun))\.ts$/;
  assert.deepEqual(found.filter((name) => heavy.test(name)), []);
});
