import assert from "node:assert/strict";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { type CommandOptions, root, runCommand } from "../tasks/run_command.ts";

// The package as its users get it: packed, installed from the tarball into an empty folder, and used from there.
const folder = await mkdtemp(join(tmpdir(), "sheethook-stranger-"));
after(() => rm(folder, { recursive: true }));

await run(["npm", "run", "build"], { cwd: root });
const pack = ["npm", "pack", "--json", "--ignore-scripts", "--pack-destination", folder];
const [packed] = JSON.parse(await run(pack, { cwd: root }));
const paths: string[] = packed.files.map(({ path }: { path: string }) => path);
await writeFile(join(folder, "package.json"), JSON.stringify({ name: "stranger", type: "module", private: true }));
await cp(join(root, "test", "package", "consumer"), folder, { recursive: true });
await run(["npm", "install", "--prefer-offline", "--no-audit", "--no-fund", `./${packed.filename}`]);
const installed = join(folder, "node_modules", "sheethook");
const main = join(installed, "dist", "src", "cli", "main.js");

describe("the tarball", () => {
  it("holds the build and its papers, nothing else", () => {
    const papers = ["CHANGELOG.md", "LICENSE", "README.md", "package.json"];
    const others = paths.filter((path) => !/^(dist\/(mod|src\/.+)\.(js|d\.ts)|(src|test\/embed)\/.+\.md)$/.test(path));
    assert.deepEqual(others.sort(), papers);
  });

  it("has types beside each module", () => {
    for (const path of paths.filter((path) => path.endsWith(".js"))) {
      assert.ok(paths.includes(path.replace(/\.js$/, ".d.ts")), path);
    }
  });

  it("has documents whose links lead to a file in it", async () => {
    const documents = paths.filter((path) => path.endsWith(".md"));
    for (const path of documents) {
      const text = await readFile(join(installed, path), "utf8");
      for (const [, link] of text.matchAll(/\]\((?![a-z]+:|#)([^)#\s]+)/g)) {
        assert.ok(paths.includes(join(path, "..", link!)), `${path} links to ${link}, which isn't in the package`);
      }
    }
  });

  it("brings no package that needs an install script", async () => {
    const lock = JSON.parse(await readFile(join(folder, "package-lock.json"), "utf8"));
    const entries = Object.entries<{ hasInstallScript?: boolean }>(lock.packages);
    assert.deepEqual(entries.filter(([, entry]) => entry.hasInstallScript).map(([path]) => path), []);
  });
});

const runtimes = {
  node: ["node"],
  deno: ["deno", "run", "-A"],
  bun: ["bun"],
};

for (const [runtime, command] of Object.entries(runtimes)) {
  describe(`the package on ${runtime}`, () => {
    it("answers a challenge, hands over a signed callback, and lets the process end", async () => {
      // Far more than it takes, less than the 25 s that a handler may have when a receiver is stopped.
      const stdout = await run([...command, "receive.ts", runtime], { timeoutMs: 20_000 });
      const expected = { challenge: { smartsheetHookResponse: "d78dd1d3" }, stored: 200, created: 8320407 };
      assert.deepEqual(JSON.parse(stdout), expected);
    });

    it("runs its command", async () => {
      assert.match(await run([...command, main, "--help"]), /\bserve\b/);
      assert.match(await run([...command, main, "--version"]), new RegExp(`^${packed.version}$`, "m"));
    });
  });
}

it("sheethook is found by npx", async () => {
  assert.match(await run(["npx", "--no-install", "sheethook", "--help"]), /\bserve\b/);
});

describe("its types", () => {
  const consumer = { strict: true, noEmit: true, target: "es2023", allowImportingTsExtensions: true };
  const variants = {
    nodenext: { module: "nodenext", moduleResolution: "nodenext" },
    bundler: { module: "esnext", moduleResolution: "bundler" },
  };
  for (const [name, variant] of Object.entries(variants)) {
    it(`hold for ${name}, without a platform and with its libraries checked`, async () => {
      const compilerOptions = { ...consumer, ...variant, lib: ["es2023", "webworker"], types: [] };
      await check(name, { compilerOptions, files: ["narrow.ts"] });
    });

    it(`hold for ${name}, with the doors`, async () => {
      const typeRoots = [join(root, "node_modules", "@types")];
      const compilerOptions = { ...consumer, ...variant, typeRoots, types: ["node"], skipLibCheck: true };
      await check(`${name}-doors`, { compilerOptions, files: ["receive.ts"] });
    });
  }

  async function check(name: string, config: unknown): Promise<void> {
    await writeFile(join(folder, `tsconfig.${name}.json`), JSON.stringify(config));
    await run(["tsc", "-p", `tsconfig.${name}.json`]);
  }
});

describe("a Node that is too old", () => {
  // npm says which Node runs it: here that may be an old one. If not, the pinned one says that it is.
  it("is told so in one line, and is not used", async () => {
    const old = await oldNode();
    const { code, stdout, output } = await runCommand([...old.command, main, "serve"], { cwd: folder });
    assert.equal(code, 1, output);
    assert.equal(stdout, "");
    assert.match(output, /^[^\n]+\n$/);
    assert.ok(output.includes(old.version) && output.includes("22.13"), output);
  });

  it("is told so by npm start, from source", async () => {
    const old = await oldNode();
    const { scripts } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
    const args = scripts.start.replace(/^node /, "").split(" ");
    const { code, stdout, output } = await runCommand([...old.command, ...args]);
    assert.equal(code, 1, output);
    assert.equal(stdout, "");
    assert.match(output, /^[^\n]+\n$/);
    assert.ok(output.includes(old.version), output);
  });

  async function oldNode(): Promise<{ command: string[]; version: string }> {
    const { npm_node_execpath: host = "node" } = process.env;
    const version = (await runCommand([host, "--version"])).stdout.trim().slice(1);
    const [major = 0, minor = 0] = version.split(".").map(Number);
    if (major < 22 || (major === 22 && minor < 13)) return { command: [host], version };
    const pretended = "20.11.1";
    const pretend =
      `Object.defineProperty(process, "versions", { value: { ...process.versions, node: "${pretended}" } })`;
    const url = `data:text/javascript,${encodeURIComponent(pretend)}`;
    return { command: ["node", "--import", url], version: pretended };
  }
});

/** What a command prints, if it ends well. */
async function run(command: readonly string[], options: CommandOptions = {}): Promise<string> {
  const result = await runCommand(command, { cwd: folder, ...options });
  assert.equal(result.code, 0, `${command.join(" ")}\n${result.output}`);
  return result.stdout;
}
