// serve --forward, with targets in other languages.
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { signBody } from "../../../src/receive/signature.ts";
import { callbackBody, rowEvent, SECRET } from "../../support/callbacks.ts";
import { runCli, startServe, withFolder, withServe } from "../../support/run_cli.ts";
import type { Child } from "../../support/runtime.ts";
import { until } from "../../support/until.ts";
import { startPython, startShell, whyNot } from "../../forward/examples/start_example.ts";
import { startTarget, withTarget } from "../../forward/start_target.ts";

const FORWARD_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const NEXT_SECRET = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
/** There is none. */
const SECRETS_FILE = join(tmpdir(), "sheethook-forward-no-secrets.json");
const env = {
  SHEETHOOK_SECRET: SECRET,
  SHEETHOOK_SECRETS_FILE: SECRETS_FILE,
  SHEETHOOK_FORWARD_SECRET: FORWARD_SECRET,
};
const reads = [SECRETS_FILE];

let seconds = 0;

/** Sends a callback as Smartsheet does; its nonce is what targets are told. */
async function post(url: string, nonce: string, events = [rowEvent(1)]): Promise<void> {
  const timestamp = new Date(1.7e12 + ++seconds * 1000).toISOString();
  const body = callbackBody({ nonce, timestamp, events });
  const headers = { "Smartsheet-Hmac-SHA256": await signBody(body, SECRET) };
  const response = await fetch(url, { method: "POST", body, headers });
  await response.body?.cancel();
  assert.equal(response.status, 200);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const nonceOf = (id: string) => id.split("/")[1]!;
/** Without those that came again. */
const onceEach = (nonces: readonly string[]) => [...new Set(nonces)];

test("serve forwards to a target in Python, which verifies the signature while secrets are rotated", {
  skip: whyNot("python3"),
}, async () => {
  const target = await startPython(NEXT_SECRET);
  try {
    const both = { ...env, SHEETHOOK_FORWARD_SECRET: `${FORWARD_SECRET} ${NEXT_SECRET}` };
    await withServe(["--forward", target.url], { env: both, reads }, async ({ url, output }) => {
      await post(url, "n1", [rowEvent(1, { changeAgent: "erp" })]);
      await post(url, "n2");
      await until("both are there", () => target.lines.length >= 2);
      const got = target.lines.map((line) => JSON.parse(line));
      assert.deepEqual(got.map(({ id, type }) => [nonceOf(id), type]), [
        ["n1", "smartsheet.callback"],
        ["n2", "smartsheet.callback"],
      ]);
      assert.deepEqual([got[0].changeAgent, got[0].data.events[0].id], ["erp,sheethook", 1]);
      assert.doesNotMatch(output, /whsec_|MfKQ9r8G/);
    });
    await withServe(["--forward", target.url], { env, reads }, async (serve) => {
      await post(serve.url, "n3");
      await serve.waitFor(/answered 401: does it have the same secret as this side\?/);
      assert.equal(target.lines.length, 2);
    });
  } finally {
    await target.stop();
  }
});

test("a Python target that comes up later gets everything in order", { skip: whyNot("python3") }, async () => {
  const port = await freePort();
  await withServe(["--forward", `http://127.0.0.1:${port}/`], { env, reads }, async (serve) => {
    const nonces = Array.from({ length: 20 }, (_, index) => `n${index}`);
    for (const nonce of nonces) await post(serve.url, nonce);
    await serve.waitFor(/gave no answer/);
    const target = await startPython(FORWARD_SECRET, port);
    try {
      await until("all are there", () => target.lines.length >= 20);
      assert.deepEqual(target.lines.map((line) => nonceOf(JSON.parse(line).id)), nonces);
    } finally {
      await target.stop();
    }
  });
});

test("serve forwards to a target in plain sh, each event", { skip: whyNot("openssl") }, async () => {
  const target = await startShell(FORWARD_SECRET);
  try {
    await withServe(["--forward", target.url, "--forward-as", "events"], { env, reads }, async (serve) => {
      await post(serve.url, "n1", [rowEvent(1), rowEvent(2, { eventType: "deleted" })]);
      await until("both are there", () => target.lines.length >= 2);
      assert.deepEqual(target.lines.map((line) => line.replace(/ .*\/(?=n1)/, " ")), [
        "smartsheet.row.updated n1/0",
        "smartsheet.row.deleted n1/1",
      ]);
    });
    const other = { ...env, SHEETHOOK_FORWARD_SECRET: NEXT_SECRET };
    await withServe(["--forward", target.url], { env: other, reads }, async (serve) => {
      await post(serve.url, "n2");
      await serve.waitFor(/answered 401/);
      assert.equal(target.lines.length, 2);
    });
  } finally {
    await target.stop();
  }
});

test("a kill of serve loses nothing of two targets, one of which is down", async () => {
  const port = await freePort();
  const down = `http://127.0.0.1:${port}/hook`;
  await withTarget(undefined, async (up) => {
    await withFolder(async (folder) => {
      const options = { env, reads: [...reads, folder], writes: [folder] };
      const args = ["--forward", down, "--forward", up.url, "--inbox", `sqlite:${join(folder, "inbox.db")}`];
      const nonces = Array.from({ length: 30 }, (_, index) => `n${index}`);
      let serve: Child = await startServe(args, options);
      try {
        for (const nonce of nonces.slice(0, 20)) await post(serve.url, nonce);
        await until("the other target has some", () => up.got.length >= 5);
        await serve.kill();
        serve = await startServe(args, options);
        for (const nonce of nonces.slice(20)) await post(serve.url, nonce);
        const late = await startTarget(undefined, port);
        try {
          const all = (target: typeof up) => onceEach(target.got.map(({ headers }) => nonceOf(headers["webhook-id"]!)));
          await until("both have all", () => all(up).length >= 30 && all(late).length >= 30);
          assert.deepEqual([all(up), all(late)], [nonces, nonces]);
        } finally {
          await late.stop();
        }
      } finally {
        await serve.kill();
      }
    });
  });
});

test("serve forwards instead of logging events, and a module runs beside it", async () => {
  await withTarget(undefined, async (target) => {
    // Of the environment, with commas; one target is plain http on another machine.
    const both = { ...env, SHEETHOOK_FORWARD: `${target.url}, http://192.0.2.1/hook`, SHEETHOOK_FORWARD_SECRET: "" };
    await withServe([], { env: both, reads }, async (serve) => {
      await serve.waitFor(/forwarding to 2 targets/);
      await serve.waitFor(/http:\/\/192\.0\.2\.1\/hook is plain http on another machine/);
      await serve.waitFor(/what is forwarded isn't signed/);
      await post(serve.url, "n1");
      await until("it is there", () => target.got.length >= 1);
      assert.equal(target.got[0]!.headers["webhook-signature"], undefined);
      assert.doesNotMatch(serve.output, /row\.updated row 1/);
    });
    await withFolder(async (folder) => {
      const module = join(folder, "handlers.mjs");
      await writeFile(module, 'export default (r) => r.on("row.*", (e) => console.error("the module has row", e.id));');
      await withServe([module, "--forward", target.url], { env, reads: [...reads, folder] }, async (serve) => {
        await post(serve.url, "n2", [rowEvent(7)]);
        await serve.waitFor(/the module has row 7/);
        await until("it is there", () => target.got.length >= 2);
      });
    });
  });
});

test("serve says what is wrong with the options of forwarding, and shows no secret", async () => {
  const cases: readonly [readonly string[], Record<string, string>, RegExp][] = [
    [
      ["--forward", "ftp://example.com/"],
      {},
      /--forward is "ftp:\/\/example\.com\/", but should be an http or https URL/,
    ],
    [["--forward", "example.com"], {}, /--forward is "example\.com", but should be an http or https URL/],
    [
      ["--forward", "http://localhost/"],
      { SHEETHOOK_FORWARD_SECRET: "geheim-4711" },
      /SHEETHOOK_FORWARD_SECRET is something else, but should be whsec_ and the base64/,
    ],
    [
      ["--forward", "http://localhost/", "--forward", "http://localhost/"],
      {},
      /--forward is "http:\/\/localhost\/", but should be given once/,
    ],
    [["--forward", "http://localhost/", "--forward-as", "rows"], {}, /It should be one of callbacks, events, changes/],
    [["--forward", "http://localhost/", "--forward-format", "xml"], {}, /It should be one of json, cloudevents/],
    [["--forward", "http://localhost/", "--forward-as", "changes"], {}, /needs SMARTSHEET_ACCESS_TOKEN/],
    [["--forward", "http://localhost/", "--forward-timeout", "5"], {}, /It should be a duration from 100ms to 1h/],
    [["--forward", "http://localhost/", "--forward-rate", "0"], {}, /It should be a whole number from 1 to 10000/],
  ];
  for (const [args, variables, message] of cases) {
    const { code, stderr } = await runCli(["serve", "--port", "0", ...args], { env: { ...env, ...variables }, reads });
    assert.equal(code, 2, `${args}: ${stderr}`);
    assert.match(stderr, message);
    assert.doesNotMatch(stderr, /geheim|MfKQ9r8G/);
  }
});

test("the README of forwarding shows the examples as they are", async () => {
  const root = new URL("../../../", import.meta.url);
  const readme = await readFile(new URL("src/forward/README.md", root), "utf8");
  for (const name of ["python_target.py", "shell_target.sh"]) {
    assert.ok(readme.includes(await readFile(new URL(`test/forward/examples/${name}`, root), "utf8")), name);
  }
});
