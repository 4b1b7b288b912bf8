import assert from "node:assert/strict";
import { cp, mkdir, symlink, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { signBody } from "../../src/receive/signature.ts";
import { callbackBody, rowEvent, SECRET } from "../callbacks.ts";
import { runtime } from "../runtime.ts";
import { runCli, runCommand, withFolder, withServe } from "./run_cli.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

async function fails(module: string, folder: string, message: RegExp, more: Record<string, string> = {}) {
  const env = { SHEETHOOK_SECRETS_FILE: join(folder, "secrets.json"), ...more };
  const { code, stdout, stderr } = await runCli(["serve", module, "--port", "0"], { env, reads: [folder] });
  assert.deepEqual([code, stdout], [1, ""], stderr);
  assert.match(stderr, message);
  return stderr;
}

test("serve runs the handlers of a TypeScript module, with syntax that can't be stripped, too", async () => {
  await withFolder(async (folder) => {
    const errors = join(root, "src/errors.ts");
    await writeFile(join(folder, "colour.ts"), `export enum Colour { Red = "red" }\nexport interface Unused {}\n`);
    await writeFile(
      join(folder, "handlers.ts"),
      `
      import { Colour, Unused } from "./colour.ts";
      import { RetryLater } from ${JSON.stringify(errors)};
      import type { Receiver } from ${JSON.stringify(join(root, "src/receiver.ts"))};

      export default async function register(receiver: Receiver): Promise<void> {
        await Promise.resolve();
        receiver.on("row.updated", (event, context) => {
          const _: Unused = {};
          context.log.info("mine: row {id} is {colour}", { id: event.id, colour: Colour.Red satisfies string });
          if (context.attempt === 1) throw new RetryLater(10);
        });
      }
      `,
    );
    const env = { SHEETHOOK_SECRET: SECRET, SHEETHOOK_SECRETS_FILE: join(folder, "secrets.json") };
    const module = relative(process.cwd(), join(folder, "handlers.ts"));
    await withServe([module], { env, reads: [folder, errors] }, async (serve) => {
      await serve.waitFor(/handlers from \S+handlers\.ts/);
      const body = callbackBody({ events: [rowEvent(77)] });
      const headers = { "Smartsheet-Hmac-SHA256": await signBody(body, SECRET) };
      const response = await fetch(serve.url, { method: "POST", body, headers });
      await response.body?.cancel();
      assert.equal(response.status, 200);
      await serve.waitFor(/mine: row 77 is red[^]*next in 10 ms[^]*mine: row 77 is red/);
      assert.doesNotMatch(serve.output, /row\.updated row 77/);
      process.kill(serve.pid, "SIGTERM");
      assert.equal(await serve.exited, 0);
    });
  });
});

test("serve takes a CommonJS module", async () => {
  await withFolder(async (folder) => {
    const module = join(folder, "handlers.cjs");
    await writeFile(module, "module.exports = () => console.error('registered by CommonJS');");
    const env = { SHEETHOOK_SECRET: SECRET, SHEETHOOK_SECRETS_FILE: join(folder, "secrets.json") };
    await withServe([module], { env, reads: [folder] }, async (serve) => {
      await serve.waitFor(/registered by CommonJS/);
    });
  });
});

test("serve fails with one clear line for a module that it can't use", async () => {
  await withFolder(async (folder) => {
    const module = async (name: string, text: string) => {
      await writeFile(join(folder, name), text);
      return join(folder, name);
    };
    await fails(
      join(folder, "missing.ts"),
      folder,
      /^sheethook: Module is .*missing\.ts, but should be a file with handlers: there is none at /,
    );
    await fails(folder, folder, /^sheethook: Module is .*, but should be a file with handlers/);
    const none = await module("none.ts", "export const a: number = 1;");
    await fails(
      none,
      folder,
      /^sheethook: Module \S+ has no default export, but should: export default \(receiver\) => /,
    );
    const object = await module("object.mjs", "export default { on() {} };");
    await fails(object, folder, /^sheethook: Module \S+ default-exports an object, but should: /);
    const broken = await module("broken.mjs", "export default (");
    await fails(broken, folder, /^sheethook: Module \S+broken\.mjs could not be imported: \S[^\n]*\n$/);
    const throws = await module("throws.mjs", 'setInterval(() => {}, 1000);\nthrow new TypeError("on\\npurpose");');
    await fails(throws, folder, /^sheethook: Module \S+ could not be imported: TypeError: on purpose\n$/);
    const stack = await fails(throws, folder, /TypeError: on\npurpose/, { SHEETHOOK_DEBUG: "1" });
    assert.match(stack, /throws\.mjs:2/);
    const rejects = await module("rejects.mjs", 'export default async () => { throw new Error("on purpose"); };');
    await fails(rejects, folder, /^sheethook: Module \S+ failed while it registered handlers: Error: on purpose\n$/);
    const pattern = await module("pattern.mjs", 'export default (receiver) => receiver.on("row", () => {});');
    await fails(pattern, folder, /failed while it registered handlers: Pattern is "row", but should be /);
  });
});

test("serve on Node without tsx strips types, and names tsx for what can't be stripped", async () => {
  await withFolder(async (folder) => {
    await cp(join(root, "src"), join(folder, "src"), { recursive: true });
    await mkdir(join(folder, "node_modules/@hono"), { recursive: true });
    await writeFile(join(folder, "package.json"), '{"type": "module"}');
    for (const name of ["commander", "@logtape", "hono", "@hono/node-server", "valibot"]) {
      await symlink(join(root, "node_modules", name), join(folder, "node_modules", name), "junction");
    }
    const node = runtime === "node" ? process.execPath : join(root, "node_modules/node/bin/node");
    const serve = async (text: string) => {
      await writeFile(join(folder, "handlers.ts"), text);
      const args = [
        "src/cli/main.ts",
        "serve",
        "handlers.ts",
        "--host",
        "127.0.0.1",
        "--port",
        "0",
        "--log-level",
        "error",
      ];
      return await runCommand([node, ...args], { cwd: folder });
    };
    const plain = await serve(
      `export default (_: object): void => void setTimeout(() => process.kill(process.pid, "SIGTERM"), 500);`,
    );
    assert.equal(plain.code, 0, plain.stderr);
    assert.match(plain.stdout, /^sheethook listening on /);
    const colour = await serve("enum Colour { Red }\nexport default () => {};");
    assert.deepEqual([colour.code, colour.stdout], [1, ""]);
    assert.match(
      colour.stderr,
      /^sheethook: Module \S+ could not be imported: .*enum.*: Node only strips types; install tsx \(npm install --save-dev tsx\)/,
    );
  });
});
