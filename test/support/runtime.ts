import { spawn } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";

/** What runs this test. Bun and Deno tell a version of Node, too, so they are asked first. */
export const runtime: "node" | "deno" | "bun" = process.versions.bun ? "bun" : process.versions.deno ? "deno" : "node";

export interface ChildOptions {
  /** Added to the environment of the test. */
  readonly env?: Readonly<Record<string, string>>;
  /** What Deno is to allow, and nothing else. @default ["--allow-net=127.0.0.1"] */
  readonly permissions?: readonly string[];
  /** A command that runs the program that its last arguments tell. */
  readonly through?: readonly string[];
  /** @default the test's own */
  readonly cwd?: string;
  /** What the child writes when it is ready; its first group is the URL. @default "listening on <URL>" */
  readonly ready?: RegExp;
}

/** A program that runs on the runtime of this test. */
export interface Child {
  /** From its ready line. */
  readonly url: string;
  readonly pid: number;
  /** What it has written so far, stdout and stderr as they came. */
  readonly output: string;
  /** Its exit code; null if a signal ended it. */
  readonly exited: Promise<number | null>;
  /** Resolves when what it has written matches; rejects if it ends before, or after 60 s. */
  waitFor(pattern: RegExp): Promise<RegExpExecArray>;
  /** SIGTERM; resolves with its exit code, rejects if it doesn't end within 60 s. */
  stop(): Promise<number | null>;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
}

/** The command that runs a program on the runtime of this test. */
export function programCommand(program: URL, args: readonly string[], permissions: readonly string[]): string[] {
  // Deno's node:child_process adds -A to a Deno that isn't told of any permission.
  const flags = runtime === "deno" ? ["run", "--no-prompt", "--deny-ffi", ...permissions] : [];
  return [process.execPath, ...flags, fileURLToPath(program), ...args];
}

/** Starts a program and waits until it says that it is ready. Rejects with its output if it ends before. */
export async function startChild(
  program: URL,
  args: readonly string[] = [],
  options: ChildOptions = {},
): Promise<Child> {
  const { env, permissions = ["--allow-net=127.0.0.1"], through = [], cwd, ready = /listening on (\S+)/ } = options;
  const [command, ...rest] = [...through, ...programCommand(program, args, permissions)];
  const spawned = spawn(command!, rest, { cwd, env: { ...environment(), ...env }, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  const waiting = new Set<() => void>();
  const notify = () => waiting.forEach((look) => look());
  for (const stream of [spawned.stdout, spawned.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      notify();
    });
  }
  let ended = false;
  const exited = new Promise<number | null>((resolve, reject) => {
    spawned.on("error", (error) => {
      ended = true;
      reject(error);
      notify();
    });
    spawned.on("close", (code) => {
      ended = true;
      process.off("exit", killNow);
      resolve(code);
      notify();
    });
  });
  // Nothing outlives a test that fails.
  const killNow = () => void spawned.kill("SIGKILL");
  process.on("exit", killNow);

  function waitFor(pattern: RegExp): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => finish(`was not written within 60 s`), 60_000);
      const look = () => {
        const found = pattern.exec(output);
        if (found) finish(found);
        else if (ended) finish("was not written before the program ended");
      };
      const finish = (result: RegExpExecArray | string) => {
        clearTimeout(timer);
        waiting.delete(look);
        if (typeof result !== "string") resolve(result);
        else reject(new Error(`${pattern} ${result}; it wrote:\n${output}`));
      };
      waiting.add(look);
      look();
    });
  }

  function send(signal: "SIGTERM" | "SIGKILL"): void {
    try {
      // Not `spawned.kill`: Deno then reports the signal instead of the exit code, and sends no second one.
      if (!ended) process.kill(spawned.pid!, signal);
    } catch {
      // It has just gone.
    }
  }

  async function kill(): Promise<void> {
    send("SIGKILL");
    await exited;
  }

  async function stop(): Promise<number | null> {
    send("SIGTERM");
    let timer;
    const late = new Promise<"late">((resolve) => timer = setTimeout(() => resolve("late"), 60_000));
    const code = await Promise.race([exited, late]);
    clearTimeout(timer);
    if (code !== "late") return code;
    await kill();
    throw new Error(`The program didn't stop within 60 s; it wrote:\n${output}`);
  }

  const child = {
    url: "",
    pid: spawned.pid!,
    get output() {
      return output;
    },
    exited,
    waitFor,
    stop,
    kill,
  };
  try {
    child.url = (await waitFor(ready))[1]!;
  } catch (error) {
    await child.kill();
    throw error;
  }
  return child;
}

// A child that believes to be a part of `node --test` reports to it instead of writing.
function environment(): Record<string, string | undefined> {
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  return env;
}
