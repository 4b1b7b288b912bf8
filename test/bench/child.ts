import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { commandEnvironment, root } from "../tasks/run_command.ts";

export const runtimes = ["node", "deno", "bun"] as const;
export type Runtime = (typeof runtimes)[number];

/** A program of ours that runs beside the bench. */
export interface Child {
  readonly pid: number;
  /** The next line that it writes to stdout. Rejects if it ends instead. */
  line(): Promise<string>;
  /** Writes a line to its stdin, and waits for the one that it answers with. */
  ask(question: string): Promise<string>;
  /** Ends it, and waits until it has ended. */
  stop(): Promise<void>;
}

const alive = new Set<ChildProcess>();
process.on("exit", () => alive.forEach((child) => child.kill("SIGKILL")));
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));

/** Starts a TypeScript program on one of the pinned runtimes; what it writes to stderr passes through. */
export function startChild(
  runtime: Runtime,
  program: string,
  args: readonly string[] = [],
  env: Record<string, string> = {},
): Child {
  const run = runtime === "deno" ? ["run", "-A", "--no-check", "--quiet"] : [];
  const child = spawn(`${root}node_modules/.bin/${runtime}`, [...run, program, ...args], {
    cwd: root,
    env: { ...commandEnvironment(), ...env },
    stdio: ["pipe", "pipe", "inherit"],
  });
  alive.add(child);
  child.stdin.on("error", () => {});
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  ended.then(() => alive.delete(child));
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();

  async function line(): Promise<string> {
    const { done, value } = await lines.next();
    if (done) throw new Error(`${runtime} ${program} ${args.join(" ")} ended (${child.exitCode ?? child.signalCode})`);
    return value;
  }

  return {
    pid: child.pid!,
    line,
    ask(question) {
      child.stdin.write(`${question}\n`);
      return line();
    },
    async stop() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}
