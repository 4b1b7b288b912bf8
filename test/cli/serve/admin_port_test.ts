import assert from "node:assert/strict";
import { request } from "node:http";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { signBody } from "../../../src/receive/signature.ts";
import { callbackBody, SECRET } from "../../support/callbacks.ts";
import { replaceFile } from "../../support/certificate.ts";
import { open } from "../../serve/client.ts";
import { runCli, withFolder, withServe } from "../../support/run_cli.ts";

/** What serve is given, so that it has an inbox on disk and an admin port; and where that is. */
async function withAdmin(
  given: {
    readonly env?: Record<string, string>;
    readonly args?: readonly string[];
    readonly secret?: string;
    readonly listens?: string;
  },
  use: (admin: string, serve: Parameters<Parameters<typeof withServe>[2]>[0], folder: string) => Promise<void>,
): Promise<void> {
  await withFolder(async (folder) => {
    const port = await freePort();
    const env: Record<string, string> = {
      SHEETHOOK_SECRETS_FILE: join(folder, "secrets.json"),
      SHEETHOOK_INBOX: `sqlite:${join(folder, "inbox.db")}`,
      SHEETHOOK_ADMIN_PORT: String(port),
      ...(given.secret === undefined ? {} : { SHEETHOOK_SECRET: given.secret }),
      ...given.env,
    };
    await withServe(
      given.args ?? [],
      { env, reads: [folder], writes: [folder], listens: given.listens ?? env.SHEETHOOK_ADMIN_HOST },
      (serve) => use(`http://127.0.0.1:${port}`, serve, folder),
    );
  });
}

/** Not by `fetch`, which sends no `Host` of one's own. */
function statusOf(url: URL, headers: Record<string, string>): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request(url, { headers }, (response) => resolve(response.resume().statusCode)).on("error", reject).end();
  });
}

async function get(url: string, headers: Record<string, string> = {}) {
  const response = await fetch(url, { headers, redirect: "manual" });
  return { status: response.status, text: await response.text() };
}

test("serve has a console, metrics and readiness on a port of their own", async () => {
  await withAdmin({ secret: SECRET }, async (admin, serve) => {
    const body = callbackBody();
    const headers = { "Smartsheet-Hmac-SHA256": await signBody(body, SECRET) };
    assert.equal((await fetch(serve.url, { method: "POST", body, headers })).status, 200);
    await serve.waitFor(/console at http:\/\/127\.0\.0\.1:\d+\/console, metrics at \/metrics/);
    assert.deepEqual(await get(`${admin}/readyz`), { status: 200, text: '{"ready":true}' });
    const metrics = (await get(`${admin}/metrics`)).text;
    assert.match(metrics, /^sheethook_callbacks_total\{outcome="accepted",status="200"\} 1$/m);
    assert.match(metrics, /^sheethook_answer_seconds_count\{status="200"\} 1$/m);
    assert.match((await get(`${admin}/console/callbacks/1`)).text, /Callback #1/);
    for (const path of ["/readyz", "/metrics", "/console", "/"]) {
      assert.equal((await get(new URL(path, serve.url).href)).status, 404, path);
    }
    assert.equal((await get(new URL("/healthz", serve.url).href)).text, "ok");
  });
});

test("serve isn't ready before it knows a secret, and is as soon as there is one", async () => {
  await withAdmin({}, async (admin, _serve, folder) => {
    const { status, text } = await get(`${admin}/readyz`);
    assert.equal(status, 503);
    assert.match(text, /no secret is known/);
    assert.match((await get(`${admin}/console`)).text, /Callbacks are refused/);
    await replaceFile(join(folder, "secrets.json"), JSON.stringify({ 8958534189639556: SECRET }));
    assert.equal((await get(`${admin}/readyz`)).status, 200);
  });
});

test("serve answers a Host that is none as any that it does not know, and fails at nothing", async () => {
  await withAdmin({ secret: SECRET }, async (admin, serve) => {
    for (const host of ["[::1", "a:b", "xn--a", "evil.example", "%"]) {
      const { received, socket } = await answered(
        admin,
        `GET /metrics HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
      );
      // Node answers 400 by itself to what no URL can hold.
      assert.match(received, /^HTTP\/1\.1 4(21|00) /, host);
      socket.destroy();
    }
    assert.doesNotMatch(serve.output, /error /);
  });
});

async function answered(url: string, text: string) {
  const connection = await open(url, text);
  await connection.waitFor(/\r\n\r\n/);
  return connection;
}

test("serve stops in time while pages watch", async () => {
  await withAdmin({ secret: SECRET }, async (admin, serve) => {
    const live = await fetch(`${admin}/console/live`);
    const reader = live.body!.getReader();
    await reader.read();
    assert.equal(await serve.stop(), 0);
    await reader.cancel().catch(() => {});
  });
});

test("serve closes the console to others without a token, and opens it with one", async () => {
  const env = { SHEETHOOK_ADMIN_HOST: "0.0.0.0" };
  await withAdmin({ secret: SECRET, env }, async (admin, serve) => {
    await serve.waitFor(/warning the console is closed: others can reach 0\.0\.0\.0/);
    assert.equal((await get(`${admin}/console`)).status, 403);
    assert.equal((await get(`${admin}/metrics`)).status, 200);
  });
  const token = "a token of 16 or more";
  await withAdmin({ secret: SECRET, env: { ...env, SHEETHOOK_ADMIN_TOKEN: token } }, async (admin, serve) => {
    assert.equal((await get(`${admin}/console`)).status, 401);
    assert.equal((await get(`${admin}/console`, { authorization: `Bearer ${token}` })).status, 200);
    assert.doesNotMatch(serve.output, /the console is closed|a token of 16/);
  });
});

test("serve answers to all names that --admin-host gives, says which, and warns if there are none", async () => {
  const ask = (admin: string, host: string, path = "/readyz", headers: Record<string, string> = {}) =>
    statusOf(new URL(path, admin), { host, ...headers });
  const args = ["--admin-host", "0.0.0.0,sheethook.internal", "--admin-host", "10.1.2.3"];
  const token = "a token of 16 or more";
  const env = { SHEETHOOK_ADMIN_HOST: "elsewhere", SHEETHOOK_ADMIN_TOKEN: token };
  await withAdmin({ secret: SECRET, args, env, listens: "0.0.0.0" }, async (admin, serve) => {
    await serve.waitFor(/answers to localhost, 127\.0\.0\.1, \[::1\], 0\.0\.0\.0, sheethook\.internal, 10\.1\.2\.3/);
    assert.doesNotMatch(serve.output, /is every interface/);
    for (const host of ["sheethook.internal:9464", "10.1.2.3", "localhost"]) assert.equal(await ask(admin, host), 200);
    for (const host of ["elsewhere", "10.1.2.4"]) assert.equal(await ask(admin, host), 421, host);
    assert.equal(await ask(admin, "10.1.2.4", "/metrics", { authorization: `Bearer ${token}` }), 200);
  });
  await withAdmin({ secret: SECRET, env: { SHEETHOOK_ADMIN_HOST: "0.0.0.0" } }, async (_admin, serve) => {
    await serve.waitFor(/warning 0\.0\.0\.0 is every interface, and no name: .* \(--admin-host 0\.0\.0\.0,sheethook/);
  });
});

test("serve has the admin port behind a proxy, by --admin-url", async () => {
  const args = ["--admin-url", "https://ops.example.com/sheethook"];
  await withAdmin({ secret: SECRET, args }, async (admin, serve) => {
    await serve.waitFor(/console at https:\/\/ops\.example\.com\/sheethook\/console, .*, ops\.example\.com/);
    await serve.waitFor(/warning the console is closed: others can reach https:\/\/ops\.example\.com\/sheethook/);
    assert.equal(await statusOf(new URL("/sheethook/readyz", admin), { host: "ops.example.com" }), 200);
  });
});

test("serve refuses admin names and URLs in the words of its options, with exit code 2", async () => {
  await withFolder(async (folder) => {
    const run = (args: string[]) => {
      const env = { SHEETHOOK_ADMIN_PORT: "9464", SHEETHOOK_SECRETS_FILE: join(folder, "none.json") };
      return runCli(["serve", "--log-level", "error", ...args], { env, reads: [folder] });
    };
    const host = await run(["--admin-host", "10.1.2.3:9464"]);
    assert.equal(host.code, 2, host.stderr);
    assert.match(host.stderr, /^sheethook: --admin-host is "10\.1\.2\.3:9464", but should be a name or an address/);
    const url = await run(["--admin-url", "ops.example.com"]);
    assert.equal(url.code, 2, url.stderr);
    assert.match(url.stderr, /^sheethook: --admin-url is "ops\.example\.com", but should be an http or https URL/);
    assert.match((await run(["--admin-host", "a,,b"])).stderr, /--admin-host.*blank/);
  });
});

test("serve refuses a short token with exit code 2, and doesn't show it", async () => {
  const env = { SHEETHOOK_ADMIN_PORT: "9464", SHEETHOOK_ADMIN_TOKEN: "hidden", SHEETHOOK_SECRETS_FILE: "/nonexistent" };
  await withFolder(async (folder) => {
    const inbox = `sqlite:${join(folder, "inbox.db")}`;
    const options = { env, reads: ["/nonexistent", folder], writes: [folder] };
    const { code, stderr } = await runCli(["serve", "--inbox", inbox, "--log-level", "error"], options);
    assert.equal(code, 2, stderr);
    assert.match(stderr, /^sheethook: SHEETHOOK_ADMIN_TOKEN has 6 characters, but should have at least 16\n$/);
  });
});

test("serve fails if the admin port that was asked for is taken", async () => {
  const taken = await listen(0);
  try {
    await withFolder(async (folder) => {
      const env = { SHEETHOOK_SECRETS_FILE: join(folder, "secrets.json") };
      const { port } = taken.address() as { port: number };
      const args = [
        "--inbox",
        `sqlite:${join(folder, "inbox.db")}`,
        "--admin-port",
        String(port),
        "--log-level",
        "error",
      ];
      const { code, stderr } = await runCli(["serve", ...args], { env, reads: [folder], writes: [folder] });
      assert.equal(code, 1);
      assert.match(stderr, /^sheethook: Port \d+ on 127\.0\.0\.1 is taken: [^\n]+ choose another --admin-port\n$/);
    });
  } finally {
    taken.close();
  }
});

test("serve goes on without an admin port if nobody asked for the one that is taken", async () => {
  // Whoever else has it: it is taken.
  const taken = await listen(9464).catch(() => undefined);
  try {
    await withAdmin({ secret: SECRET, env: { SHEETHOOK_ADMIN_PORT: "" } }, async (_admin, serve) => {
      await serve.waitFor(
        /warning no console, no metrics: Port 9464 on 127\.0\.0\.1 is taken: .* another --admin-port \(0 is none\)/,
      );
      assert.equal((await get(new URL("/healthz", serve.url).href)).status, 200);
    });
  } finally {
    taken?.close();
  }
});

test("serve has no admin port with --admin-port 0", async () => {
  await withAdmin({ secret: SECRET, args: ["--admin-port", "0"] }, async (admin, serve) => {
    assert.doesNotMatch(serve.output, /console/);
    await assert.rejects(get(`${admin}/readyz`));
  });
});

async function freePort(): Promise<number> {
  const server = await listen(0);
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function listen(port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => resolve(server));
  });
}
