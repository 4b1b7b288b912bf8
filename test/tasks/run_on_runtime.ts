import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { commandEnvironment } from "./run_command.ts";

/** Runs a program of `test` on another runtime, with its output passed on. @returns its exit code */
export function runOnRuntime(name: string, program: string, args: readonly string[]): Promise<number> {
  const run = name === "deno" ? ["run", "-A", "--no-check"] : [];
  const child = spawn(name, [...run, fileURLToPath(program), ...args], { stdio: "inherit", env: commandEnvironment() });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve(code ?? 1));
  });
}
