import assert from "node:assert/strict";
import { programCommand } from "./runtime.ts";
import { type CliResult, runCommand } from "./run_cli.ts";

const main = new URL("../../src/cli/main.ts", import.meta.url);

/** Runs `sheethook inbox` on a file, with what Deno has to allow for that. */
export function runInbox(
  file: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<CliResult> {
  const permissions = ["--allow-env=PORT,SHEETHOOK_*,SMARTSHEET_API_URL,NO_COLOR,FORCE_COLOR"];
  permissions.push(`--allow-read=${file}`, `--allow-write=${file}`);
  return runCommand(programCommand(main, ["inbox", ...args], permissions), {
    env: { ...env, SHEETHOOK_INBOX: `sqlite:${file}` },
  });
}

/** @returns what it prints */
export async function succeeds(file: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await runInbox(file, args);
  // What takes over a second, as anything may, tells how far it has come.
  const rest = stderr.replace(/^\d+ (pruned|of \d+ .*)\n/gm, "");
  assert.deepEqual([code, rest], [0, ""], args.join(" "));
  return stdout;
}

/** @returns what it prints */
export async function fails(file: string, code: number, message: RegExp, ...args: string[]): Promise<string> {
  const result = await runInbox(file, args);
  assert.equal(result.code, code, `${args.join(" ")}: ${result.stderr}`);
  assert.match(result.stderr, message);
  return result.stdout;
}
