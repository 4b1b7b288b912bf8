import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { type Child, type ChildOptions, programCommand, runtime, startChild } from "./runtime.ts";

const main = new URL("../../src/cli/main.ts", import.meta.url);

/** What Deno has to allow every command, and one more that uses Postgres. */
function environmentPermission({ SHEETHOOK_INBOX = "" }: CliOptions["env"] = {}): string {
  return `--allow-env=PORT,SHEETHOOK_*,SMARTSHEET_*,NO_COLOR,FORCE_COLOR${
    SHEETHOOK_INBOX.startsWith("postgres") ? ",PG*" : ""
  }`;
}

export interface CliOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** What comes on stdin. */
  readonly input?: string | Uint8Array;
  /** Files and folders that Deno may read. */
  readonly reads?: readonly string[];
  /** Files and folders that Deno may write. */
  readonly writes?: readonly string[];
  /** An interface that Deno may listen on besides 127.0.0.1. */
  readonly listens?: string;
  readonly cwd?: string;
  /** Lets Deno send signals. */
  readonly allowRun?: boolean;
  /** A module that runs before `serve`; Deno lets it do what an SDK does. */
  readonly preload?: string;
}

export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command to its end, on the runtime of this test. */
export function runCli(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  const permissions = [environmentPermission(options.env), "--allow-net=127.0.0.1", ...filePermissions(options)];
  if (options.allowRun) permissions.push("--allow-run");
  return runCommand(programCommand(main, args, permissions), options);
}

/** Runs any command to its end. */
export function runCommand([command, ...args]: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  const child = spawn(command!, args, {
    cwd: options.cwd,
    env: { ...process.env, ...cleanEnvironment(), ...options.env },
  });
  const result = { code: null as number | null, stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => result.stdout += text);
  child.stderr.setEncoding("utf8").on("data", (text: string) => result.stderr += text);
  child.stdin.on("error", () => {}); // It may end before it has read everything.
  child.stdin.end(options.input ?? "");
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ ...result, code }));
  });
}

/** Starts `serve` on a free port of 127.0.0.1, with exactly the permissions that the README lists. */
export function startServe(
  args: readonly string[],
  options: Omit<CliOptions, "input" | "cwd"> & Pick<ChildOptions, "ready" | "through">,
): Promise<Child> {
  const { env, ready, through, listens, preload } = options;
  return startChild(main, ["serve", "--port", "0", "--host", "127.0.0.1", ...args], {
    env: { ...cleanEnvironment(), ...preloadEnvironment(preload), ...env },
    permissions: [
      ...(preload ? [`--preload=${preload}`, "--allow-env", "--allow-sys"] : [environmentPermission(env)]),
      `--allow-net=127.0.0.1${listens ? `,${listens}` : ""}`,
      ...filePermissions(options),
    ],
    ready,
    through,
  });
}

/** Starts a command that ends by itself, and waits until it has written `ready`. */
export function startCli(args: readonly string[], options: CliOptions & { readonly ready: RegExp }): Promise<Child> {
  return startChild(main, args, {
    env: { ...cleanEnvironment(), ...options.env },
    permissions: [environmentPermission(options.env), "--allow-net=127.0.0.1", ...filePermissions(options)],
    ready: options.ready,
  });
}

/** Starts `simulate` on a free port. */
export function startSimulate(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Child> {
  return startChild(main, ["simulate", "--port", "0", ...args], {
    env: { ...cleanEnvironment(), ...env },
    permissions: [environmentPermission(), "--allow-net=127.0.0.1"],
    ready: /simulating on (\S+)/,
  });
}

/** The command that `startServe` runs. */
export function serveCommand(args: readonly string[], reads: readonly string[]): string[] {
  const permissions = [environmentPermission(), "--allow-net=127.0.0.1", ...filePermissions({ reads })];
  return programCommand(main, ["serve", "--port", "0", "--host", "127.0.0.1", ...args], permissions);
}

/** Runs `use` with a folder that is gone afterwards. */
export async function withFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "sheethook-cli-"));
  try {
    await use(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Runs `use` with a server that is gone afterwards. */
export async function withServe(
  args: readonly string[],
  options: Omit<CliOptions, "input" | "cwd">,
  use: (serve: Child) => Promise<void>,
): Promise<void> {
  const serve = await startServe(args, options);
  try {
    await use(serve);
  } finally {
    await serve.kill();
  }
}

/** Deno has no variable for it. */
function preloadEnvironment(preload: string | undefined): Record<string, string> {
  if (!preload || runtime === "deno") return {};
  return runtime === "bun" ? { BUN_OPTIONS: `--preload=${preload}` } : { NODE_OPTIONS: `--import=${preload}` };
}

function filePermissions({ reads = [], writes = [] }: Pick<CliOptions, "reads" | "writes">): string[] {
  return [
    ...(reads.length ? [`--allow-read=${reads.join(",")}`] : []),
    ...(writes.length ? [`--allow-write=${writes.join(",")}`] : []),
  ];
}

/**
 * Whatever whoever runs the tests has set: a blank variable counts as not set. Nothing is left on disk, and no second
 * port opened, by a test that isn't about that; its log is as on a terminal.
 */
function cleanEnvironment(): Record<string, string> {
  const names = Object.keys(process.env).filter((name) =>
    /^(SHEETHOOK_|SMARTSHEET_|PORT$|NODE_TEST_CONTEXT$)/.test(name)
  );
  return {
    ...Object.fromEntries(names.map((name) => [name, ""])),
    SHEETHOOK_INBOX: "memory:",
    SHEETHOOK_ADMIN_PORT: "0",
    SHEETHOOK_LOG_FORMAT: "pretty",
  };
}
