import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { signBody } from "../../../src/receive/signature.ts";
import { callbackBody, SECRET } from "../../support/callbacks.ts";
import { fixture } from "../../support/fixtures.ts";
import { type Child, runtime } from "../../support/runtime.ts";
import { runCli, serveCommand, startServe, withFolder, withServe } from "../../support/run_cli.ts";

/** Its handler ends when there is a file `go` beside it. */
const MODULE = `
import { existsSync } from "node:fs";
const go = new URL("./go", import.meta.url);
export default (receiver) => {
  receiver.on("row.updated", async () => {
    console.error("handler started");
    while (!existsSync(go)) await new Promise((resolve) => setTimeout(resolve, 20));
    console.error("handler ended");
  });
};
`;

async function post(url: string, body: string): Promise<number> {
  const headers = { "Smartsheet-Hmac-SHA256": await signBody(body, SECRET) };
  const response = await fetch(url, { method: "POST", body, headers });
  await response.body?.cancel();
  return response.status;
}

/** Runs `use` while a handler runs. */
function withRunningHandler(
  args: string[],
  use: (serve: Child, go: () => Promise<void>) => Promise<void>,
): Promise<void> {
  return withFolder(async (folder) => {
    const module = join(folder, "handlers.mjs");
    await writeFile(module, MODULE);
    const env = { SHEETHOOK_SECRET: SECRET, SHEETHOOK_SECRETS_FILE: join(folder, "secrets.json") };
    await withServe([module, ...args], { env, reads: [folder] }, async (serve) => {
      assert.equal(await post(serve.url, callbackBody()), 200);
      await serve.waitFor(/handler started/);
      await use(serve, () => writeFile(join(folder, "go"), ""));
    });
  });
}

test("serve lets a running handler end on SIGTERM, answers 503 meanwhile, and exits with 0", async () => {
  await withRunningHandler([], async (serve, go) => {
    process.kill(serve.pid, "SIGTERM");
    await serve.waitFor(/SIGTERM: stopping; running handlers have 25 s to end/);
    assert.equal(await post(serve.url, fixture("two-rows-edited-2025")), 503);
    await go();
    assert.equal(await serve.exited, 0);
    assert.match(serve.output, /handler ended[^]* stopped\n$/);
    assert.doesNotMatch(serve.output, /still pending/);
  });
});

test("serve takes two signals at once for one: a shell and npm both pass ^C on", async () => {
  await withRunningHandler([], async (serve, go) => {
    process.kill(serve.pid, "SIGINT");
    process.kill(serve.pid, "SIGTERM");
    await serve.waitFor(/stopping/);
    await go();
    assert.equal(await serve.exited, 0);
  });
});

test("serve waits no longer than --stop-timeout, and tells what is lost", async () => {
  await withRunningHandler(["--stop-timeout", "300ms"], async (serve) => {
    process.kill(serve.pid, "SIGTERM");
    assert.equal(await serve.exited, 0);
    assert.match(serve.output, /running handlers have 0\.3 s to end/);
    assert.match(serve.output, /error\s+callbacks that are still pending: 1; they are lost: the inbox was in memory/);
    assert.doesNotMatch(serve.output, /handler ended/);
  });
});

for (const [signal, code] of [["SIGTERM", 143], ["SIGINT", 130]] as const) {
  test(`serve ends at once on a second ${signal}`, async () => {
    await withRunningHandler(["--stop-timeout", "1h"], async (serve) => {
      process.kill(serve.pid, signal);
      await serve.waitFor(/stopping/);
      await setTimeout(700); // Sooner, it would be the echo of the first.
      process.kill(serve.pid, signal);
      assert.equal(await serve.exited, code);
      assert.doesNotMatch(serve.output, /handler ended|stopped/);
    });
  });
}

test("serve goes on when nobody reads what it writes", async () => {
  await withFolder(async (folder) => {
    const file = join(folder, "secrets.json");
    const [command, ...args] = serveCommand(["--log-level", "debug"], [file]);
    const env = { ...process.env, SHEETHOOK_INBOX: "memory:", SHEETHOOK_SECRET: SECRET, SHEETHOOK_SECRETS_FILE: file };
    const child = spawn(command!, args, { env, stdio: ["ignore", "pipe", "pipe"] });
    const exited = new Promise<number | null>((resolve) => child.on("exit", resolve));
    const url = await new Promise<string>((resolve) => {
      let output = "";
      child.stdout.on(
        "data",
        (chunk) => /listening on (\S+)\n/.exec(output += chunk)?.[1] && resolve(output.trim().split(" ").at(-1)!),
      );
    });
    child.stdout.destroy();
    child.stderr.destroy();
    for (const name of ["two-rows-edited-2025", "sheet-row-created-2015", "two-rows-edited-2025"]) {
      assert.equal(await post(url, fixture(name)), 200);
    }
    const sent = await runCli(["send", url, "--count", "50"], { env: { SHEETHOOK_SECRET: SECRET }, reads: [file] });
    assert.match(sent.stdout, /^50 × 200/, sent.stderr);
    // Not child.kill(): Deno then gives no exit code, whatever it was.
    process.kill(child.pid!, "SIGTERM");
    assert.equal(await exited, 0);
  });
});

test("serve stops on the message shutdown of a parent, which works where there are no signals", async () => {
  await withFolder(async (folder) => {
    const file = join(folder, "secrets.json");
    const [command, ...args] = serveCommand([], [file]);
    const env = { ...process.env, SHEETHOOK_INBOX: "memory:", SHEETHOOK_SECRET: SECRET, SHEETHOOK_SECRETS_FILE: file };
    const child = spawn(command!, args, { env, stdio: ["ignore", "pipe", "pipe", "ipc"] });
    let output = "";
    const exited = new Promise<number | null>((resolve) => child.on("exit", resolve));
    const ready = new Promise<void>((resolve) => {
      for (const stream of [child.stdout!, child.stderr!]) {
        stream.on("data", (chunk) => /listening on/.test(output += chunk) && resolve());
      }
    });
    await ready;
    child.send("hello");
    child.send("shutdown");
    assert.equal(await exited, 0, output);
    assert.match(output, /shutdown: stopping/);
  });
});

test("serve stops when the shell in which npm runs it has gone", {
  skip: runtime !== "node" && "npm start runs Node",
}, async () => {
  const env = { npm_lifecycle_event: "start", SHEETHOOK_SECRET: SECRET, SHEETHOOK_SECRETS_FILE: "/nonexistent" };
  // The shell has something to do afterwards, so it stays.
  const shell = await startServe([], { env, through: ["sh", "-c", '"$0" "$@"; exit 7'] });
  process.kill(shell.pid, "SIGTERM");
  await shell.waitFor(/SIGTERM: stopping[^]* stopped\n/);
  await shell.exited;
});
