import assert from "node:assert/strict";
import { cp, mkdir, symlink, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { signBody } from "../../../src/receive/signature.ts";
import { callbackBody, rowEvent, SECRET } from "../../support/callbacks.ts";
import { runtime } from "../../support/runtime.ts";
import { runCli, runCommand, withFolder, withServe } from "../../support/run_cli.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));

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

test("serve warns of a pattern that no event of Smartsheet's can match, and of a module that registers nothing", async () => {
  await withFolder(async (folder) => {
    const env = { SHEETHOOK_SECRET: SECRET, SHEETHOOK_SECRETS_FILE: join(folder, "secrets.json") };
    const outputOf = async (text: string) => {
      const module = join(folder, "handlers.mjs");
      await writeFile(module, text);
      let output = "";
      await withServe([module], { env, reads: [folder] }, async (serve) => {
        await serve.waitFor(/secrets known/);
        output = serve.output;
      });
      return output.split("\n").filter((line) => line.includes("handlers.mjs: "));
    };
    const warned = await outputOf(`export default (receiver) => {
      receiver.on(["rows.create", "row.created", "*.*"], () => {}).on("user.seatType.updated", () => {}).on("task.done", () => {});
    };`);
    assert.equal(warned.length, 2, warned.join("\n"));
    const warning = (pattern: string) => ` warning \\S+: no event that Smartsheet documents matches "${pattern}": `;
    assert.match(
      warned[0]!,
      RegExp(`${warning("rows\\.create")}"rows" is no object type of a sheet \\(did you mean row\\?\\)`),
    );
    assert.match(warned[1]!, RegExp(`${warning("task\\.done")}"task" is no object type of a sheet: it should be `));
    const [nothing] = await outputOf("export default () => {};");
    assert.match(nothing!, / warning \S+: no handler is registered: /);
    assert.deepEqual(await outputOf("export default (receiver) => void receiver.onStatus(() => {});"), []);
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
    const broken = await module("broken.mjs", "const a = 1;\nexport default (");
    const where = runtime === "node" ? "2" : "2:1[67]";
    await fails(
      broken,
      folder,
      new RegExp(`^sheethook: Module \\S+ has a syntax error at \\S+broken\\.mjs:${where}: \\S`),
    );
    const typed = await module("typed.ts", "const a: number = 1;\nexport default (_: object) => [1; 2];\n");
    const message = await fails(
      typed,
      folder,
      /^sheethook: Module \S+ has a syntax error at \S+typed\.ts:2(:\d+)?: Expected [^\n]*\n$/,
    );
    assert.doesNotMatch(message, /tsx/);
    const outer = await module("outer.ts", 'import "./typed.ts";\nexport default () => {};\n');
    await fails(outer, folder, /^sheethook: Module \S+outer\.ts has a syntax error at \S+typed\.ts:2/);
    const misspelt = await module("misspelt.ts", 'import { a } from "./nope.ts";\nexport default () => a;\n');
    const missing = await fails(misspelt, folder, /^sheethook: Module \S+ imports what isn't there\S* .*nope\.ts/);
    assert.match(missing, /misspelt\.ts.*misspelt\.ts/);
    assert.doesNotMatch(missing, /tsx/);
    const unnamed = await module(
      "unnamed.mjs",
      'import { nope } from "./broken_not.mjs";\nexport default () => nope;\n',
    );
    await module("broken_not.mjs", "export const a = 1;\n");
    await fails(unnamed, folder, /^sheethook: Module \S+ imports a name that isn't exported.* '?nope'?[ \n]/);
    const throws = await module("throws.mjs", 'setInterval(() => {}, 1000);\nthrow new TypeError("on\\npurpose");');
    await fails(
      throws,
      folder,
      /^sheethook: Module \S+ threw an error while it was loaded at \S+throws\.mjs:2:\d+: TypeError: on purpose\n$/,
    );
    const stack = await fails(throws, folder, /TypeError: on\npurpose/, { SHEETHOOK_DEBUG: "1" });
    assert.match(stack, /throws\.mjs:2/);
    const json = await module("json.mjs", 'JSON.parse("{");\nexport default () => {};\n');
    await fails(
      json,
      folder,
      /^sheethook: Module \S+ threw an error while it was loaded at \S+json\.mjs:1:\d+: SyntaxError: /,
    );
    const rejects = await module("rejects.mjs", 'export default async () => { throw new Error("on purpose"); };');
    await fails(
      rejects,
      folder,
      /^sheethook: Module \S+ failed while it registered handlers at \S+rejects\.mjs:1:\d+: Error: on purpose\n$/,
    );
    const pattern = await module("pattern.mjs", 'export default (receiver) => { receiver.on("row", () => {}); };');
    await fails(
      pattern,
      folder,
      /failed while it registered handlers at \S+pattern\.mjs:1:\d+: Pattern is "row", but should be /,
    );
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
      /^sheethook: Module \S+ needs more than Node's stripping of types at \S+handlers\.ts:1: .*enum.*: install tsx \(npm install --save-dev tsx\)/,
    );
    await writeFile(join(folder, "colour.ts"), "export interface Colour {}\nexport const red = 1;\n");
    const withoutExtension = await serve('import { red } from "./colour";\nexport default () => red;');
    assert.match(
      withoutExtension.stderr,
      /imports what isn't there: .*colour.*: Node wants the whole name of the file .* or install tsx/,
    );
    const type = await serve('import { Colour } from "./colour.ts";\nexport default (_: Colour) => {};');
    assert.match(
      type.stderr,
      /imports a name that isn't exported at \S+handlers\.ts:1: .*; if that is a type, import it with `import type`, or install tsx/,
    );
    const misspelt = await serve('import { Colour } from "./color.ts";\nexport default (_: Colour) => {};');
    assert.match(misspelt.stderr, /imports what isn't there: /);
    assert.doesNotMatch(misspelt.stderr, /tsx/);
  });
});
