import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import { runInit } from "../../../src/cli/init/run.ts";
import { runCli, withFolder } from "../../support/run_cli.ts";

const NAMES = [
  ...[".dockerignore", ".env.example", ".gitignore", "Dockerfile", "README.md", "compose.yaml", "handlers.ts"],
  ...["package.json", "sheethook.service"],
];

/** Runs `init` in a folder of the given name, where nobody can be asked. */
async function init(folder: string, ...args: string[]) {
  const result = await runCli(["init", folder, ...args], { reads: [folder], writes: [folder] });
  return { ...result, names: existsSync(folder) ? (await readdir(folder)).sort() : [] };
}

/** Runs `use` with the path of a folder that isn't there yet. */
function withProject(use: (folder: string) => Promise<void>): Promise<void> {
  return withFolder((folder) => use(join(folder, "inventory-sync")));
}

test("init asks nothing without a terminal, and takes the defaults", async () => {
  await withProject(async (folder) => {
    const { code, stdout, stderr, names } = await init(folder);
    assert.equal(code, 0, stderr);
    assert.deepEqual(names, NAMES);
    assert.equal(stdout, stdoutOf("written"));
    assert.match(stderr, /^\S+inventory-sync is ready: .*\n$/);
    assert.match(await readFile(join(folder, "Dockerfile"), "utf8"), /SHEETHOOK_CHANGE_AGENT="inventory-sync"/);
    const again = await init(folder, "--yes");
    assert.deepEqual([again.code, again.stdout], [0, stdoutOf("was there already")]);
  });
});

function stdoutOf(what: string): string {
  const order = "handlers.ts package.json .env.example sheethook.service Dockerfile .dockerignore compose.yaml";
  return `${order} README.md .gitignore`.split(" ").map((name) => `${name}: ${what}\n`).join("");
}

test("init overwrites no file unless it is forced to, and says which are there", async () => {
  await withProject(async (folder) => {
    await mkdir(folder);
    await writeFile(join(folder, "handlers.ts"), "mine");
    await writeFile(join(folder, "README.md"), "mine");
    const refused = await init(folder, "--yes");
    assert.equal(refused.code, 1);
    assert.match(
      refused.stderr,
      /Nothing was written: .*: handlers\.ts, README\.md; --force replaces them; or name another folder\n$/,
    );
    assert.deepEqual([refused.stdout, refused.names], ["", ["README.md", "handlers.ts"]]);
    const forced = await init(folder, "--force");
    assert.equal(forced.code, 0, forced.stderr);
    assert.match(forced.stdout, /^handlers\.ts: replaced\npackage\.json: written\n/);
    assert.match(await readFile(join(folder, "handlers.ts"), "utf8"), /export default/);
  });
});

test("init keeps a manifest and a .gitignore even by force, and names the module so that the package takes it", async () => {
  await withProject(async (folder) => {
    await mkdir(folder);
    await writeFile(join(folder, "package.json"), '{"type": "commonjs"}');
    await writeFile(join(folder, ".gitignore"), "mine");
    const { code, stdout, stderr, names } = await init(folder, "--force");
    assert.equal(code, 0, stderr);
    assert.match(stdout, /package\.json: kept as it was\n[^]*\.gitignore: kept as it was\n/);
    assert.equal(await readFile(join(folder, "package.json"), "utf8"), '{"type": "commonjs"}');
    assert.ok(names.includes("handlers.mts") && !names.includes("handlers.ts"), names.join());
    assert.match(await readFile(join(folder, "sheethook.service"), "utf8"), /serve \S+\/handlers\.mts$/m);
    assert.match((await init(folder, "--language", "js")).stderr, /Nothing was written/);
    await writeFile(join(folder, "package.json"), '{"type": "module"}');
    await rm(join(folder, "handlers.mts"));
    assert.ok((await init(folder, "--force")).names.includes("handlers.ts"));
  });
});

test("init for Deno takes a deno.jsonc that is there", async () => {
  await withProject(async (folder) => {
    await mkdir(folder);
    await writeFile(join(folder, "deno.jsonc"), "{} // mine");
    const { code, stdout, stderr } = await init(folder, "--runtime", "deno");
    assert.equal(code, 0, stderr);
    assert.match(stdout, /deno\.jsonc: kept as it was/);
    assert.match(await readFile(join(folder, "Dockerfile"), "utf8"), /^COPY deno\.jsonc deno\.lock/m);
  });
});

test("an option of init that is given wins over a variable, and a blank variable is none", async () => {
  await withProject(async (folder) => {
    const env = { SHEETHOOK_INIT_PROXY: "1", SHEETHOOK_INIT_RUNTIME: "bun", SHEETHOOK_INIT_PORT: " " };
    const run = async (...args: string[]) => {
      const result = await runCli(["init", folder, "--dry-run", "--json", ...args], { env, reads: [folder] });
      return JSON.parse(result.stdout).answers;
    };
    const { runtime, tlsEnd, port } = await run("--tls", "--runtime", "node");
    assert.deepEqual([runtime, tlsEnd, port], ["node", "tls", 443]);
    assert.deepEqual((await run()).tlsEnd, "proxy");
  });
});

test("init --dry-run prints what it would write, and writes nothing", async () => {
  await withProject(async (folder) => {
    const { code, stdout, stderr, names } = await init(folder, "--dry-run", "--runtime", "deno");
    assert.equal(code, 0, stderr);
    assert.deepEqual(names, []);
    assert.match(stdout, /^==> handlers\.ts: would be written\nimport type [^]*==> deno\.json: would be written\n\{/);
    assert.match(stderr, /Nothing was written to \S+inventory-sync/);
    await mkdir(folder);
    await writeFile(join(folder, "Dockerfile"), "mine");
    assert.match((await init(folder, "--dry-run")).stdout, /==> Dockerfile: exists with another text: --force would/);
    assert.match((await init(folder, "--dry-run", "--force")).stdout, /==> Dockerfile: would be replaced\n/);
    assert.equal(await readFile(join(folder, "Dockerfile"), "utf8"), "mine");
  });
});

test("init --json tells the answers and the files, with their text in a dry run", async () => {
  await withProject(async (folder) => {
    const options = ["--inbox", "postgres", "--tls", "--domain", "Hooks.Example.org", "--language", "js"];
    const json = async (...more: string[]) => JSON.parse((await init(folder, "--json", ...options, ...more)).stdout);
    const dry = await json("--dry-run");
    assert.deepEqual(dry.answers, {
      ...{ runtime: "node", language: "js", inbox: "postgres", tlsEnd: "tls", domain: "hooks.example.org", port: 443 },
      changeAgent: "inventory-sync",
    });
    assert.deepEqual([dry.folder, dry.dryRun, dry.files[0].name], [folder, true, "handlers.js"]);
    const done = await json();
    assert.equal(await readFile(join(folder, "handlers.js"), "utf8"), dry.files[0].text);
    assert.deepEqual(done.files[0], { name: "handlers.js", state: "new" });
    assert.deepEqual((await json()).files[0], { name: "handlers.js", state: "same" });
  });
});

test("init refuses answers that can't be right, as wrong usage", async () => {
  const wrong: readonly [string[], RegExp][] = [
    [["--runtime", "python"], /one of node, deno, bun/],
    [["--inbox", "memory"], /one of sqlite, postgres/],
    [["--tls", "--proxy"], /--tls and --proxy are both given/],
    [["--tls", "--port", "9000"], /--port is 9000, but should be one that Smartsheet calls: 443, 8000/],
    [["--port", "9464"], /the port of the console/],
    [["--port", "0"], /whole number from 1 to 65535/],
    [["--port", "70000"], /whole number from 1 to 65535/],
    [["--domain", "localhost"], /should be the host of the callback URL/],
    [["--domain", "https://hooks.example.com/"], /should be the host of the callback URL/],
    [["--domain", "192.0.2.1"], /should be the host of the callback URL/],
    [["--change-agent", "a,b"], /--change-agent .*without comma/],
  ];
  await withProject(async (folder) => {
    for (const [args, message] of wrong) {
      const { code, stdout, stderr, names } = await init(folder, ...args);
      assert.deepEqual([code, stdout, names], [2, "", []], `${args.join(" ")}: ${stderr}`);
      assert.match(stderr, message);
    }
    await writeFile(folder, "");
    assert.match((await runCli(["init", folder], { reads: [folder] })).stderr, /it is a file/);
    const inFile = await runCli(["init", join(folder, "inner")], { reads: [folder] });
    assert.deepEqual([inFile.code, /it is a file, or in one/.test(inFile.stderr)], [2, true], inFile.stderr);
  });
});

/** Runs `init` on a terminal on which a person types `lines`. */
async function initOnTerminal(folder: string, lines: string, options: Parameters<typeof runInit>[1]) {
  const input = Object.assign(new PassThrough(), { isTTY: true });
  const output = new PassThrough();
  let shown = "";
  output.setEncoding("utf8").on("data", (text: string) => shown += text);
  input.end(lines);
  try {
    await runInit(folder, options, { input, output });
    return { shown };
  } catch (error) {
    return { shown, error: error as Error };
  }
}

test("on a terminal init asks what isn't given, shows defaults, and asks again after a wrong answer", async () => {
  await withProject(async (folder) => {
    const lines = "ruby\nbun\n\npostgres\ntls\nlocalhost\nhooks.example.net\n9000\n8443\n";
    const { shown, error } = await initOnTerminal(folder, lines, { changeAgent: "stock" });
    assert.equal(error, undefined);
    const offered = [...shown.matchAll(/\[(\S+)\] /g)].map(([, fallback]) => fallback);
    assert.deepEqual(offered, [
      ...["node", "node", "ts", "sqlite", "proxy", "hooks.example.com", "hooks.example.com", "443", "443"],
    ]);
    assert.match(shown, /one of node, deno, bun/);
    assert.match(shown, /--domain is "localhost"/);
    const compose = await readFile(join(folder, "compose.yaml"), "utf8");
    assert.match(compose, /"8443:8443"/);
    assert.match(compose, /image: postgres:/);
    assert.match(
      await readFile(join(folder, "Dockerfile"), "utf8"),
      /^FROM oven\/bun:[^]*SHEETHOOK_CHANGE_AGENT="stock"/,
    );
  });
});

test("on a terminal init writes nothing if the questions aren't answered, and asks none with --yes", async () => {
  await withProject(async (folder) => {
    const { error } = await initOnTerminal(folder, "node\n", {});
    assert.match(String(error), /Nothing was written: the questions weren't answered/);
    assert.equal(existsSync(folder), false);
    const { shown, error: none } = await initOnTerminal(folder, "", { yes: true });
    assert.deepEqual([shown, none], ["", undefined]);
    assert.ok(existsSync(join(folder, "handlers.ts")));
  });
});
