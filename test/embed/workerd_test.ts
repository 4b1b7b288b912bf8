import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { createServer } from "node:http";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { Miniflare, type MiniflareOptions } from "miniflare";
import { type RunDeadCall, signBody } from "../../mod.ts";
import { acceptedCallback, callbackBody, rowEvent, SECRET } from "../support/callbacks.ts";
import { fixture, fixtureSignatures } from "../support/fixtures.ts";
import { sendWireRequest } from "../suites/send_wire_request.ts";
import { wireSuite } from "../suites/wire_suite.ts";
import { until } from "../support/until.ts";

/** Bundles a program and runs it in workerd, without Node compatibility. */
async function startWorker(program: string, options: Partial<MiniflareOptions> = {}): Promise<Miniflare> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(program, import.meta.url))],
    alias: { sheethook: fileURLToPath(new URL("../../mod.ts", import.meta.url)) },
    bundle: true,
    write: false,
    format: "esm",
    platform: "neutral",
    mainFields: ["module", "main"],
    conditions: ["worker"],
  });
  const script = outputFiles[0]!.text;
  return new Miniflare(
    { modules: true, script, compatibilityDate: "2026-01-01", host: "127.0.0.1", ...options } as MiniflareOptions,
  );
}

wireSuite("wire, over HTTP against workerd without Node compatibility", async () => {
  const worker = await startWorker("./wire_worker.ts");
  const url = await worker.ready;
  return {
    send: (receiver, request) => sendWireRequest(new URL(receiver, url).href, request),
    close: () => worker.dispose(),
  };
});

test("the Worker of the README answers its first challenge before it knows a secret", async () => {
  const worker = await startWorker("./cloudflare_worker.ts", {
    queueProducers: { CALLBACKS: "callbacks" },
    r2Buckets: ["BODIES"],
  });
  try {
    const url = await worker.ready;
    const challenge = await fetch(url, {
      method: "POST",
      body: '{"challenge":"V","webhookId":1}',
      headers: { "Smartsheet-Hook-Challenge": "V" },
    });
    assert.equal(challenge.headers.get("Smartsheet-Hook-Response"), "V");
    const body = callbackBody();
    const headers = { "Smartsheet-Hmac-SHA256": await signBody(body, SECRET) };
    assert.equal((await fetch(url, { method: "POST", body, headers })).status, 503);
  } finally {
    await worker.dispose();
  }
});

test("the Worker of the README stores in a queue, answers, and works what the queue brings back", async () => {
  const logged: string[] = [];
  const worker = await startWorker("./cloudflare_worker.ts", {
    bindings: { SMARTSHEET_SECRET: SECRET },
    queueProducers: { CALLBACKS: "callbacks" },
    queueConsumers: { callbacks: { maxBatchTimeout: 0.05 } },
    r2Buckets: ["BODIES"],
    handleRuntimeStdio: (stdout: NodeJS.ReadableStream) => void stdout.on("data", (data) => logged.push(String(data))),
  } as Partial<MiniflareOptions>);
  try {
    const url = await worker.ready;
    const post = async (body: string, signature: string) =>
      (await fetch(url, { method: "POST", body, headers: { "Smartsheet-Hmac-SHA256": signature } })).status;
    for (const [name, signature] of fixtureSignatures()) assert.equal(await post(fixture(name), signature), 200);
    const comesBack = (id: number) =>
      until(`the queue brings row ${id} back`, () => logged.join("").includes(`Row ${id} was created`));
    const body = callbackBody({ events: [rowEvent(4711, { eventType: "created" })] });
    assert.equal(await post(body, await signBody(body, SECRET)), 200);
    assert.equal(await post(body, "00"), 401);
    await comesBack(4711);

    // A bulk edit, which is more than a message of the queue may hold.
    const bodies = await worker.getR2Bucket("BODIES") as unknown as { list(): Promise<{ objects: unknown[] }> };
    assert.equal((await bodies.list()).objects.length, 0);
    const events = Array.from({ length: 3000 }, (_, index) => rowEvent(index + 1));
    const large = callbackBody({ nonce: "large", events: [...events, rowEvent(4712, { eventType: "created" })] });
    assert.ok(large.length > 300_000);
    assert.equal(await post(large, await signBody(large, SECRET)), 200);
    await comesBack(4712);
    await until("the body of the processed callback is deleted", async () => !(await bodies.list()).objects.length);
  } finally {
    await worker.dispose();
  }
});

test("what workerd puts into an inbox is plain JSON, with the digest that every runtime makes", async () => {
  const worker = await startWorker("./put_worker.ts");
  try {
    const body = callbackBody({ events: [rowEvent(1)] });
    const headers = { "Smartsheet-Hmac-SHA256": await signBody(body, SECRET) };
    const { status, put } = await (await fetch(await worker.ready, { method: "POST", body, headers })).json();
    assert.equal(status, 200);
    assert.equal(put.body, body);
    assert.equal(put.digest, createHash("sha256").update(JSON.stringify(JSON.parse(body).events)).digest("hex"));
  } finally {
    await worker.dispose();
  }
});

test("the Worker of the README keeps the dead calls of a last attempt", async () => {
  const worker = await startWorker("./cloudflare_worker.ts", {
    bindings: { SMARTSHEET_SECRET: SECRET },
    queueProducers: { CALLBACKS: "callbacks" },
    r2Buckets: ["BODIES"],
  });
  try {
    // An id that no text can be made of, so that the handler throws.
    const events = [rowEvent(1, { eventType: "created" }), {
      objectType: "row",
      eventType: "created",
      id: UNPRINTABLE,
    }];
    const body = callbackBody({ nonce: "n", webhookId: 7, events });
    const callback = acceptedCallback({ nonce: "n", webhookId: 7 }, body);
    const { queue } = await worker.getWorker() as unknown as { queue: Queue };
    const bring = async (attempts: number) =>
      await queue("callbacks", [{ id: "1", timestamp: new Date(), attempts, body: callback }]);
    const bucket = await worker.getR2Bucket("BODIES") as unknown as Bucket;
    assert.equal((await bring(14)).retryMessages.length, 1);
    assert.equal(await bucket.get("dead/7/n"), null);
    assert.deepEqual((await bring(15)).explicitAcks, ["1"]);
    const letter = JSON.parse(await (await bucket.get("dead/7/n"))!.text());
    assert.deepEqual(letter.callback, callback);
    assert.deepEqual(letter.dead.map(({ idempotencyKey }: RunDeadCall) => idempotencyKey), ["7/n/1"]);
  } finally {
    await worker.dispose();
  }
});

const UNPRINTABLE = { toString: 1, valueOf: 1 };

interface Bucket {
  get(key: string): Promise<{ text(): Promise<string> } | null>;
}

/** Runs the queue's handler on messages. */
type Queue = (name: string, messages: readonly object[]) => Promise<{
  readonly retryMessages: readonly unknown[];
  readonly explicitAcks: readonly string[];
}>;

test("a write with the change agent follows no redirect in workerd, which has no redirect: error", async () => {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    seen.push(`${request.url} ${request.headers["smartsheet-change-agent"]}`);
    response.writeHead(request.url === "/sheets/1/rows/2" ? 307 : 200, { location: "/elsewhere" }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  const worker = await startWorker(
    "./write_worker.ts",
    { bindings: { API_URL: `http://127.0.0.1:${port}` } } as Partial<MiniflareOptions>,
  );
  try {
    const url = await worker.ready;
    const statusOf = async (row: number) => {
      const body = callbackBody({ events: [rowEvent(row)] });
      return (await fetch(url, {
        method: "POST",
        body,
        headers: { "Smartsheet-Hmac-SHA256": await signBody(body, SECRET) },
      })).status;
    };
    assert.equal(await statusOf(1), 200);
    assert.equal(await statusOf(2), 500);
    assert.deepEqual(seen, ["/sheets/1/rows/1 inventory-sync", "/sheets/1/rows/2 inventory-sync"]);
  } finally {
    await worker.dispose();
    await new Promise((resolve) => server.close(resolve));
  }
});

test("the API is called from workerd, and a call that failed is repeated", async () => {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    const isFirst = seen.push(request.url!) === 1;
    response.writeHead(isFirst ? 503 : 200).end(JSON.stringify(isFirst ? { errorCode: 4001 } : { version: 7 }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  const worker = await startWorker(
    "./api_worker.ts",
    { bindings: { API_URL: `http://127.0.0.1:${port}` } } as Partial<MiniflareOptions>,
  );
  try {
    const url = await worker.ready;
    // Two requests, whose clients share the token's budget.
    const answers = await Promise.all([fetch(url), fetch(url)].map(async (answer) => (await answer).json()));
    assert.deepEqual(answers, [{ versions: [7, 7] }, { versions: [7, 7] }]);
    assert.equal(seen.length, 5);
  } finally {
    await worker.dispose();
    await new Promise((resolve) => server.close(resolve));
  }
});
