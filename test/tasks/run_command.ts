import { spawn } from "node:child_process";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The project's folder. */
export const root = fileURLToPath(new URL("../..", import.meta.url));

export interface CommandResult {
  /** `null` if a signal ended it. */
  readonly code: number | null;
  /** What it wrote, stdout and stderr as they came. */
  readonly output: string;
  readonly stdout: string;
  readonly ms: number;
}

export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Pass the output on as it comes, too. @default false */
  readonly show?: boolean;
  /** Kill it after so many milliseconds. @default 15 minutes */
  readonly timeoutMs?: number;
}

/** Runs a program to its end, with the pinned runtimes first on its PATH. Rejects only if it can't be started. */
export function runCommand(command: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  // On Windows, npm and what it installs are batch files, which only a shell runs.
  const shell = process.platform === "win32";
  const [program = "", ...args] = shell ? [cmdLine(command)] : command;
  const started = performance.now();
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: options.cwd ?? root,
      shell,
      env: {
        ...commandEnvironment(),
        ...(options.show && process.stdout.isTTY ? {} : { NO_COLOR: "1" }),
        ...options.env,
      },
      stdio: ["ignore", "pipe", "pipe"],
      timeout: options.timeoutMs ?? 15 * 60_000,
      killSignal: "SIGKILL",
    });
    let output = "";
    let stdout = "";
    const read = (from: "stdout" | "stderr") =>
      child[from].setEncoding("utf8").on("data", (text: string) => {
        output += text;
        if (from === "stdout") stdout += text;
        if (options.show) process[from].write(text);
      });
    read("stdout");
    read("stderr");
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, output, stdout, ms: performance.now() - started }));
  });
}

/** The words as a line for cmd.exe: in quotes where it would take a character for its own. */
export function cmdLine(words: readonly string[]): string {
  return words.map((word) => /^[\w.:/\\=@+-]+$/.test(word) ? word : `"${word.replaceAll('"', '\\"')}"`).join(" ");
}

/** The environment without what would make a child believe that it is part of this run. */
export function commandEnvironment(): Record<string, string | undefined> {
  const env: Record<string, string | undefined> = { ...process.env };
  env.PATH = [join(root, "node_modules", ".bin"), env.PATH].join(delimiter);
  // A `node --test` inside a `node --test` would run nothing and pass; an npm inside an npm would work in our folder.
  for (const name of ["NODE_TEST_CONTEXT", "npm_config_local_prefix", "npm_config_prefix"]) delete env[name];
  return env;
}
