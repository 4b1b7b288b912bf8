import assert from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import { type Child, type ChildOptions, runtime, startChild } from "../../support/runtime.ts";
import { findFreePort, open, send } from "../client.ts";

const program = new URL("./program.ts", import.meta.url);

async function withDoor(options: object, use: (door: Child) => Promise<void>, child?: ChildOptions): Promise<void> {
  const door = await startChild(program, [JSON.stringify(options)], child);
  try {
    await use(door);
  } finally {
    await door.kill();
  }
}

const post = (url: string, length: number) => {
  const { host, pathname, search } = new URL(url);
  return `POST ${pathname}${search} HTTP/1.1\r\nHost: ${host}\r\nContent-Length: ${length}\r\n\r\n`;
};

test("serve() serves the callback path and /healthz, nothing else", async () => {
  await withDoor({ path: "/hook" }, async ({ url }) => {
    assert.match(url, /^http:\/\/127\.0\.0\.1:\d+\/hook$/);
    assert.equal((await send(url, "POST", "12345")).text, "read 5");
    const health = await send(new URL("/healthz", url).href);
    assert.deepEqual([health.status, health.text], [200, "ok"]);
    for (const path of ["/", "/hook/", "/webhook", "/healthz/"]) {
      const reply = await send(new URL(path, url).href, "POST", "12345");
      assert.equal(reply.status, 404);
      assert.equal(reply.headers["content-type"], "application/problem+json");
      assert.equal(reply.headers.location, undefined);
    }
    const rejected = await send(`${url}?reject`, "POST");
    assert.equal(rejected.status, 500);
    assert.equal(rejected.headers["content-type"], "application/problem+json");
  });
});

test("serve() answers HTTP/1.0 without a Host, as simple health checks speak it", async () => {
  await withDoor({}, async ({ url }) => {
    const check = await open(url, "GET /healthz HTTP/1.0\r\n\r\n");
    await check.waitFor(/ok$/);
    assert.match(check.received, /^HTTP\/1\.[01] 200 /);
    const callback = await open(url, `POST ${new URL(url).pathname} HTTP/1.0\r\nContent-Length: 5\r\n\r\n12345`);
    await callback.waitFor(/read 5$/);
    assert.match(callback.received, /^HTTP\/1\.[01] 200 /);
  });
});

test("serve() answers 413 to a body that is declared too large, and to one that is not declared", async () => {
  await withDoor({}, async ({ url }) => {
    const gigabyte = 1024 ** 3;
    const declared = await open(url, post(`${url}?limit=1000`, gigabyte));
    await declared.waitFor(/\r\n\r\n.*413/s);
    assert.match(declared.received, /^HTTP\/1\.1 413 .*application\/problem\+json/s);
    declared.socket.destroy();

    const { host, pathname } = new URL(url);
    const chunk = `10000\r\n${"x".repeat(0x10000)}\r\n`;
    const chunked = await open(url, `POST ${pathname} HTTP/1.1\r\nHost: ${host}\r\nTransfer-Encoding: chunked\r\n\r\n`);
    for (let sent = 0; sent < 2 * 1024 ** 2; sent += 0x10000) chunked.socket.write(chunk);
    await chunked.waitFor(/\r\n\r\n.*413/s);
    assert.match(chunked.received, /^HTTP\/1\.1 413 .*application\/problem\+json/s);
    chunked.socket.destroy();
    assert.equal((await send(url, "POST", "12345")).text, "read 5");
  });
});

test("serve() lets a 413 reach a client that goes on sending", async () => {
  await withDoor({}, async ({ url }) => {
    const connection = await open(url, post(`${url}?limit=1000`, 1024 ** 3));
    const block = Buffer.alloc(0x10000);
    const write = () => {
      while (!connection.isClosed && !connection.received && connection.socket.write(block));
    };
    connection.socket.on("drain", write);
    write();
    await connection.waitFor(/\r\n\r\n.*413/s);
    assert.match(connection.received, /^HTTP\/1\.1 413 /);
    connection.socket.destroy();
  });
});

test("serve() doesn't wait for the rest of a body that is refused", {
  skip: runtime === "deno" && "Deno keeps such a connection",
}, async () => {
  await withDoor({ requestTimeoutMs: 4000 }, async ({ url }) => {
    const connection = await open(url, post(`${url}?limit=1000`, 1024 ** 3));
    connection.dribble("x");
    await connection.closed;
    assert.match(connection.received, /^HTTP\/1\.1 413 /);
  });
});

test("serve() answers others while clients dribble, and ends those", async () => {
  await withDoor({ headersTimeoutMs: 2000, requestTimeoutMs: 4000 }, async ({ url }) => {
    const slow = `${url}?within=1000`;
    const headers = await Promise.all(Array.from({ length: 50 }, () => open(url)));
    const bodies = await Promise.all(Array.from({ length: 50 }, () => open(url, post(slow, 100_000))));
    for (const connection of headers) connection.dribble(`POST /webhook HTTP/1.1\r\nX: ${"x".repeat(1000)}`);
    for (const connection of bodies) connection.dribble("x");
    const silent = await open(url);

    for (let i = 0; i < 20; i++) assert.equal((await send(url, "POST", "12345")).text, "read 5");

    for (const connection of bodies) {
      await connection.waitFor(/\r\n\r\n/);
      assert.match(connection.received, /^HTTP\/1\.1 408 /);
    }
    // Deno bounds neither headers nor idle connections: it has to be done in front of it.
    if (runtime !== "deno") await Promise.all([...headers, ...bodies, silent].map(({ closed }) => closed));
    for (const { socket } of [...headers, ...bodies, silent]) socket.destroy();
    assert.equal((await send(url, "POST", "12345")).text, "read 5");
  });
});

test("serve() answers again after more connections than it may open files", {
  skip: process.platform === "win32" && "Windows has no such limit",
}, async () => {
  const through = ["sh", "-c", 'ulimit -n 64; exec "$@"', "sh"];
  await withDoor({}, async ({ url, waitFor }) => {
    const connections = await Promise.all(
      Array.from({ length: 150 }, () => open(url, "GET /healthz HTTP/1.1\r\n").catch(() => undefined)),
    );
    if (runtime === "deno") await waitFor(/has stopped serving/);
    else assert.equal(connections.filter((connection) => connection).length, 150);
    for (const connection of connections) connection?.socket.destroy();
    let reply;
    for (let tries = 0; !reply && tries < 300; tries++) {
      reply = await send(url, "POST", "12345").catch(() =>
        new Promise<undefined>((resolve) => setTimeout(resolve, 100))
      );
    }
    assert.equal(reply?.text, "read 5");
  }, { through });
});

test("serve() answers malformed requests with an error, and others as before", async () => {
  const malformed = [
    "GET /healthz HTTP/1.1\r\nHost: a b\r\n\r\n",
    "GET /healthz HTTP/1.1\r\nHost: [::\r\n\r\n",
    "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET http://[::/ HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET webhook HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET /\\webhook HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET /%ff%zz HTTP/1.1\r\nHost: a\r\n\r\n",
    `GET /${"a".repeat(100_000)} HTTP/1.1\r\nHost: a\r\n\r\n`,
    `GET /webhook HTTP/1.1\r\nHost: a\r\nX: ${"a".repeat(100_000)}\r\n\r\n`,
    "\x16\x03\x01\x00\xf8\x01\r\n\r\n",
    "POST /webhook HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "POST /webhook HTTP/1.1\r\nHost: a\r\nContent-Length: abc\r\n\r\n",
    "POST /webhook HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
  ];
  await withDoor({}, async ({ url }) => {
    for (const text of malformed) {
      const connection = await open(url, text);
      await connection.waitFor(/\r\n\r\n/);
      assert.match(
        connection.received,
        /^HTTP\/1\.1 (200 .*\r\nok|4\d\d |500 )|^$/s,
        JSON.stringify(text.slice(0, 80)),
      );
      connection.socket.destroy();
    }
    assert.equal((await send(url, "POST", "12345")).text, "read 5");
  });
});

test("stop() ends requests in flight, closes idle connections, and takes no new ones", async () => {
  await withDoor({}, async (door) => {
    const { url } = door;
    const { host } = new URL(url);
    const idle = await open(url, `GET /healthz HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    await idle.waitFor(/ok$/);
    const silent = await open(url);
    const half = await open(url, "POST /webhook HTTP/1.1\r\nHost: loc");
    const refused = await open(url, post(`${url}?limit=10`, 100_000));
    refused.dribble("x");
    const waiting = await open(url, `${post(`${url}?wait=1500`, 0)}`);
    const uploading = await open(url, `${post(url, 10)}12345`);
    await door.waitFor(/(?=[^]*waiting)(?:[^]*reading){2}/);

    const exited = door.stop();
    await door.waitFor(/stopping/);
    await idle.closed;
    assert.equal(waiting.received, "");
    while (await open(url).then(({ socket }) => socket.destroy(), () => undefined));
    uploading.socket.write("67890");

    await Promise.all([waiting, uploading, half].map(({ closed }) => closed));
    assert.match(waiting.received, /^HTTP\/1\.1 200 .*waited$/s);
    assert.match(uploading.received, /^HTTP\/1\.1 200 .*read 10$/s);
    assert.equal(await exited, 0);
    assert.match(door.output, /stopped/);
    for (const { socket } of [silent, refused]) socket.destroy();
  });
});

test("stop() tells a client that keeps asking on one connection to close it, and drops none of its requests", async () => {
  await withDoor({}, async (door) => {
    const clients = await Promise.all(Array.from({ length: 8 }, () => open(door.url)));
    const outcomes = clients.map(async (client) => {
      for (let asked = 1;; asked++) {
        client.socket.write(`${post(door.url, 5)}12345`);
        await client.waitFor(RegExp(`^(?:[^]*?read 5){${asked}}$`));
        if (/connection: close/i.test(client.received)) return "closed in words";
        if (client.isClosed) return `dropped after ${asked} requests`;
      }
    });
    await door.waitFor(/(reading\s+){50}/);
    const exited = door.stop();
    assert.deepEqual(new Set(await Promise.all(outcomes)), new Set(["closed in words"]));
    for (const { socket } of clients) socket.destroy();
    assert.equal(await exited, 0);
  });
});

test("serve() says that a port is taken", async () => {
  await withDoor({}, async ({ url }) => {
    const port = Number(new URL(url).port);
    await assert.rejects(startChild(program, [JSON.stringify({ port })]), {
      message: RegExp(
        `failed: SheethookError listen_failed: Port ${port} on 127\\.0\\.0\\.1 is taken: .* \\(EADDRINUSE\\)`,
      ),
    });
    assert.equal((await send(url, "POST", "12345")).text, "read 5");
  });
});

test("serve() refuses an address that isn't this machine's, and a path that is a pattern", async () => {
  const permissions = ["--allow-net"];
  const hostname = "192.0.2.1";
  await assert.rejects(startChild(program, [JSON.stringify({ hostname })], { permissions }), {
    message: /failed: SheethookError listen_failed: Port 0 on 192\.0\.2\.1 can't be listened on: hostname should be/,
  });
  await assert.rejects(startChild(program, [JSON.stringify({ path: "/:id" })]), {
    message: /failed: SheethookError option_invalid: path is "\/:id", but should be/,
  });
});

test("serve() needs no more of Deno than its address", { skip: runtime !== "deno" && "only Deno asks" }, async () => {
  const port = await findFreePort();
  await withDoor({ port }, async ({ url }) => {
    assert.equal((await send(url, "POST", "12345")).text, "read 5");
  }, { permissions: [`--allow-net=127.0.0.1:${port}`] });
  await assert.rejects(startChild(program, [JSON.stringify({ port })], { permissions: [] }), {
    message: /Requires net access/,
  });
});
