import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it, type TestContext } from "node:test";
import { type Answers, INBOXES, RUNTIMES, TLS_ENDS, withDefaults } from "../../src/cli/init/answers.ts";
import { composeText } from "../../src/cli/init/files/compose.ts";
import { dockerfileText } from "../../src/cli/init/files/dockerfile.ts";
import { readmeText } from "../../src/cli/init/files/readme.ts";
import { unitText } from "../../src/cli/init/files/unit.ts";
import pg from "pg";
import { parse } from "yaml";
import { createCertificate } from "../support/certificate.ts";
import { startPostgres } from "../support/postgres.ts";
import { parseDockerfile } from "../support/init/dockerfile.ts";
import { startLocalRegistry } from "../support/init/local_registry.ts";
import { withAccount } from "../support/simulated_account.ts";
import { commandEnvironment, type CommandOptions, root, runCommand } from "../tasks/run_command.ts";

// What `sheethook init` writes, used as its README says, from a package that is installed as from a registry. Without
// Docker: its steps are run in a folder, one after another.
const folder = await mkdtemp(join(tmpdir(), "sheethook-init-"));
const built = join(folder, "built");
await mkdir(built);
// A build of its own: another test may be packing dist/.
await run(["tsc", "-p", "test/tsconfig.build.json", "--outDir", join(built, "dist")], { cwd: root });
for (const name of ["package.json", "README.md", "LICENSE", "CHANGELOG.md", "src"]) {
  await cp(join(root, name), join(built, name), { recursive: true });
}
await symlink(join(root, "node_modules"), join(built, "node_modules"));
const main = join(built, "dist", "src", "cli", "main.js");
const [packed] = JSON.parse(await run(["npm", "pack", "--json", "--ignore-scripts"], { cwd: built }));
const registry = await startLocalRegistry(join(built, packed.filename));
after(async () => {
  await registry.close();
  await rm(folder, { recursive: true });
});
const env = {
  ...registry.env,
  DENO_DIR: join(folder, "deno"),
  BUN_INSTALL_CACHE_DIR: join(folder, "bun"),
};

for (const runtime of RUNTIMES) {
  const project = join(folder, `stock-${runtime}`);
  const app = `${project}-app`;

  describe(`init for ${runtime}`, () => {
    it("writes a folder that is installed and built as its README and Dockerfile say", async () => {
      // A manifest of the user's own is enough.
      await mkdir(project);
      if (runtime === "deno") await writeFile(join(project, "deno.jsonc"), "{}");
      await run(["node", main, "init", project, "--runtime", runtime]);
      const readme = await readFile(join(project, "README.md"), "utf8");
      const [, install = ""] = /## 1\. Install\n\n```sh\n(.+)\n```/.exec(readme) ?? [];
      await run(install.split(" "), { cwd: project, env });
      const { instructions } = parseDockerfile(await readFile(join(project, "Dockerfile"), "utf8"));
      await mkdir(app);
      for (const { name, text } of instructions) {
        // The container's user is made by its image.
        const line = text.replaceAll("/data", `${app}/data`).replace(/ && chown .*/, "");
        if (name === "RUN") await run(["sh", "-c", line], { cwd: app, env });
        if (name === "COPY") await copy(project, app, text.split(" ").slice(0, -1));
      }
    });

    it("serves with SQLite: a change arrives in the handlers", async () => {
      await useWebhook(app, withDefaults({ runtime }, project), {});
    });

    it("serves with Postgres, at the URL of the compose file", async () => {
      const answers = withDefaults({ runtime, inbox: "postgres" }, project);
      const { services } = parse(composeText(answers));
      const password = "0123456789abcdef";
      const postgres = await startPostgres();
      try {
        const client = new pg.Client(postgres.url);
        await client.connect();
        await client.query(`create role sheethook login password '${password}'`);
        await client.query("create database sheethook owner sheethook");
        await client.end();
        const url: string = services.sheethook.environment.SHEETHOOK_INBOX
          .replace(/\$\{POSTGRES_PASSWORD:.*?\}/, password).replace("@postgres:5432", `@127.0.0.1:${postgres.port}`);
        await useWebhook(app, answers, { SHEETHOOK_INBOX: url, SHEETHOOK_SECRETS_KEY: "0123456789abcdef".repeat(2) });
      } finally {
        await postgres.end();
      }
    });

    it("is healthy with TLS, whatever its certificate is for", async () => {
      const certificates = join(app, "certs");
      await mkdir(certificates);
      const { cert, key } = await createCertificate();
      await writeFile(join(certificates, "chain.pem"), cert);
      await writeFile(join(certificates, "key.pem"), key);
      await useContainer(app, withDefaults({ runtime, tlsEnd: "tls" }, project), {}, async ({ serve }) => {
        await serve.waitFor(/listening on https:/);
      });
    });
  });
}

/** Makes a webhook as the README says, and sees a change arrive in the handlers. */
async function useWebhook(app: string, answers: Answers, extra: Record<string, string>): Promise<void> {
  await withAccount(async (account) => {
    const { SMARTSHEET_ACCESS_TOKEN = "", SMARTSHEET_API_URL = "" } = account.options.env!;
    const api = { SMARTSHEET_ACCESS_TOKEN, SMARTSHEET_API_URL };
    await useContainer(app, answers, { ...api, ...extra }, async ({ serve, place, port, inside }) => {
      const readme = readmeText(answers, NAMES);
      const [, create = ""] = /^docker compose exec sheethook (.* webhooks create .*)$/m.exec(readme) ?? [];
      const url = `http://127.0.0.1:${port}/webhook`;
      const words = place(create).replace("SHEET_ID", `${account.sheetId}`).replace(/https:\S+/, url).split(" ");
      await run(words, { cwd: app, env: inside });
      account.simulator.edit({ sheetId: account.sheetId, cells: [{ column: "Item", value: "Rope" }] });
      await serve.waitFor(/row \d+ of Orders was created/);
    });
  });
}

const NAMES = { module: "handlers.ts", manifest: "package.json" };

interface Container {
  readonly serve: ReturnType<typeof start>;
  /** A text of the Dockerfile with its folders as they are here. */
  readonly place: (text: string) => string;
  readonly port: number;
  readonly inside: Record<string, string>;
}

/** Runs CMD with ENV while `use` runs, then stops it as Docker does; HEALTHCHECK sees it come and go. */
async function useContainer(
  app: string,
  answers: Answers,
  extra: Record<string, string>,
  use: (container: Container) => Promise<void>,
): Promise<void> {
  const { env: settings, command, health } = parseDockerfile(dockerfileText(answers, NAMES));
  const place = (text: string) => text.replaceAll(/(?<!\w)\/(?=(?:data|certs)\b)/g, `${app}/`);
  const port = await freePort();
  const inside: Record<string, string> = {
    ...env,
    ...Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, place(value)])),
    ...{ SMARTSHEET_ACCESS_TOKEN: "any", PORT: `${port}`, SHEETHOOK_ADMIN_PORT: "0", ...extra },
  };
  const isHealthy = async () => (await runCommand(health, { cwd: app, env: inside })).code === 0;
  const serve = start(command.map(place), { cwd: app, env: inside });
  try {
    await serve.waitFor(/sheethook listening on/);
    assert.ok(await isHealthy());
    await use({ serve, place, port, inside });
    serve.child.kill("SIGTERM");
    assert.equal(await serve.exited, 0, serve.output());
    assert.ok(!await isHealthy());
  } finally {
    serve.child.kill("SIGKILL");
    await serve.exited;
  }
}

/** COPY, without what .dockerignore leaves out. */
async function copy(project: string, app: string, names: readonly string[]): Promise<void> {
  for (const name of names) {
    const filter = (path: string) => !path.startsWith(join(project, "node_modules"));
    await cp(join(project, name), join(app, name), { recursive: true, filter });
  }
}

it("the handlers that init writes have the right types", async () => {
  const project = join(folder, "stock-node");
  const [typescript, javascript] = [join(project, "handlers.ts"), join(project, "checked.js")];
  await run(["node", main, "init", `${project}-js`, "--language", "js"]);
  await cp(join(`${project}-js`, "handlers.js"), javascript);
  const options = "--noEmit --strict --target es2023 --module nodenext --allowJs --skipLibCheck --types".split(" ");
  const check = (file: string) => runCommand(["tsc", ...options, "", file], { cwd: project });
  for (const file of [typescript, javascript]) {
    const { code, output } = await check(file);
    assert.equal(code, 0, output);
    await writeFile(file, (await readFile(file, "utf8")).replace("sheet.name", "sheet.nome"));
    assert.match((await check(file)).output, /nome/);
  }
});

it("systemd takes the units that init writes", async (t: TestContext) => {
  const isThere = await runCommand(["systemd-analyze", "--version"]).then(({ code }) => code === 0, () => false);
  if (!isThere) {
    // Not skipped: test/cli/init/files_test.ts checks each key and value without it.
    t.diagnostic("systemd-analyze isn't on this machine (Debian: apt-get install systemd): systemd was not asked");
    return;
  }
  const path = join(folder, "sheethook.service");
  const verify = async (text: string) => {
    await writeFile(path, text);
    return (await runCommand(["systemd-analyze", "verify", path], { env: { LC_ALL: "C" } })).output;
  };
  for (const runtime of RUNTIMES) {
    for (const inbox of INBOXES) {
      for (const tlsEnd of TLS_ENDS) {
        const answers = withDefaults({ runtime, inbox, tlsEnd, changeAgent: 'a "b" $c\\d' }, folder);
        // The runtime may not be where a server has it.
        const text = unitText(answers, "handlers.ts").replace(/^ExecStart=\S+/m, `ExecStart=${process.execPath}`);
        assert.equal(await verify(text), "", text);
      }
    }
  }
  assert.match(await verify("[Service]\nExecStart=/bin/true\nTimeoutStopSec=forty\n"), /forty/);
});

/** Starts a program; what it writes can be waited for. */
function start([program = "", ...args]: readonly string[], { cwd, env }: CommandOptions) {
  const child: ChildProcess = spawn(program, args, { cwd, env: { ...commandEnvironment(), ...env } });
  // Nothing outlives a test that fails.
  const kill = () => void child.kill("SIGKILL");
  process.on("exit", kill);
  child.on("close", () => process.off("exit", kill));
  let text = "";
  const looks = new Set<() => void>();
  const read = (part: unknown) => {
    text += part;
    looks.forEach((look) => look());
  };
  child.stdout!.on("data", read);
  child.stderr!.on("data", read);
  const exited = new Promise<number | null>((resolve, reject) => child.on("close", resolve).on("error", reject));
  const ended = exited.then((code) => {
    throw new Error(`It ended with ${code}; it wrote:\n${text}`);
  });
  ended.catch(() => {});
  const waitFor = (pattern: RegExp) =>
    Promise.race([
      new Promise<void>((resolve) => {
        const look = () => pattern.test(text) && resolve();
        looks.add(look);
        look();
      }),
      ended,
    ]);
  return { child, exited, waitFor, output: () => text };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** What a command prints, if it ends well. */
async function run(command: readonly string[], options: CommandOptions = {}): Promise<string> {
  const result = await runCommand(command, { cwd: folder, ...options });
  assert.equal(result.code, 0, `${command.join(" ")}\n${result.output}`);
  return result.stdout;
}
