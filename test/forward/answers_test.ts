// What the answers of a target, and its silence, make of a call. Against real connections.
import assert from "node:assert/strict";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import type { EventCallback } from "../../src/callback/callback.ts";
import type { Context } from "../../src/dispatch/context.ts";
import { isDiscard, retryDelayOf } from "../../src/errors.ts";
import { type ForwardOptions, forwardTo } from "../../src/forward/forward.ts";
import { callbackBody } from "../support/callbacks.ts";
import { until } from "../support/until.ts";
import { answerWith, startTarget, withTarget } from "./start_target.ts";

const callback = JSON.parse(callbackBody()) as EventCallback;

const traceHeaders = () => ({});

async function forward(url: string, options: ForwardOptions = {}, signal = new AbortController().signal) {
  const context = {
    callback,
    changeAgent: "sheethook",
    idempotencyKey: "1/n/all",
    signal,
    traceHeaders,
    fetch,
  } as unknown as Context;
  await forwardTo(url, options)(callback, context);
}

async function thrownBy(url: string, options?: ForwardOptions, signal?: AbortSignal): Promise<Error> {
  try {
    await forward(url, options, signal);
  } catch (error) {
    return error as Error;
  }
  throw new Error("nothing was thrown");
}

test("any 2xx ends the call well, whatever is in the answer", async () => {
  for (const status of [200, 201, 202, 204, 299]) {
    await withTarget(
      (response) => void response.writeHead(status).end(status === 204 ? "" : "not JSON"),
      async (target) => {
        await forward(target.url);
        assert.equal(target.got.length, 1);
      },
    );
  }
});

test("an answer that never ends is an answer", async () => {
  await withTarget((response) => void response.writeHead(200).write("more to come"), (target) => forward(target.url));
  await withTarget((response) => {
    response.writeHead(200, { "content-length": "100" }).write("more to come");
  }, (target) => forward(target.url));
});

test("410 discards, and says whose answer it was", async () => {
  await withTarget(answerWith(410), async ({ url }) => {
    const error = await thrownBy(url);
    assert.ok(isDiscard(error));
    assert.equal(error.message, `${url} answered 410: it wants no more of this`);
  });
});

test("429 and 503 wait as long as Retry-After says, in seconds or until a date", async () => {
  const now = Date.parse("2026-01-31T08:00:00Z");
  const cases = [
    [429, "7", 7000],
    [503, "120", 120_000],
    [503, "Sat, 31 Jan 2026 08:00:30 GMT", 30_000],
    [429, "Sat, 31 Jan 2026 07:00:00 GMT", undefined],
    [429, "0", undefined],
    [503, "soon", undefined],
    [500, "7", undefined],
  ] as const;
  for (const [status, header, delayMs] of cases) {
    await withTarget(answerWith(status, { "retry-after": header }), async ({ url }) => {
      const error = await thrownBy(url, { now: () => now });
      assert.equal(retryDelayOf(error), delayMs, `${status} ${header}`);
      assert.match(error.message, new RegExp(`answered ${status}`));
    });
  }
});

test("any other answer is a failed attempt", async () => {
  for (
    const [status, message] of [[300, /a redirect/], [400, /answered 400$/], [401, /the same secret/], [404, /404$/], [
      500,
      /500$/,
    ]] as const
  ) {
    await withTarget(answerWith(status), async ({ url }) => {
      const error = await thrownBy(url);
      assert.deepEqual([isDiscard(error), retryDelayOf(error)], [false, undefined]);
      assert.match(error.message, message);
    });
  }
});

test("a redirect is not followed, and where it leads to is said without its query", async () => {
  await withTarget(undefined, async (elsewhere) => {
    for (const status of [301, 302, 303, 307, 308]) {
      await withTarget(answerWith(status, { location: `${elsewhere.url}?token=hidden` }), async ({ url }) => {
        const { message } = await thrownBy(url);
        assert.equal(
          message,
          `${url} answered ${status}, a redirect to ${elsewhere.url}, which isn't followed: forward to the URL behind it`,
        );
      });
    }
    assert.equal(elsewhere.got.length, 0);
  });
});

test("no answer in time is a failed attempt, and its connection is closed", async () => {
  let isClosed = false;
  await withTarget((response) => void response.once("close", () => isClosed = true), async ({ url }) => {
    const { message } = await thrownBy(url, { timeoutMs: 200 });
    assert.equal(message, `${url} gave no answer in 0.2 s`);
    await until("the connection is closed", () => isClosed);
  });
});

test("a target that closes the connection, or is not there, is a failed attempt", async () => {
  await withTarget((response) => void response.socket!.destroy(), async ({ url }) => {
    assert.match((await thrownBy(url)).message, /^http:\S+ gave no answer: ./);
  });
  const gone = await startTarget();
  await gone.stop();
  assert.match((await thrownBy(gone.url)).message, /^http:\S+ gave no answer: ./);
});

test("what is not HTTP is a failed attempt", async () => {
  const server = createServer((socket) => socket.on("error", () => {}).resume().end("220 mail.example.com ESMTP\r\n"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  assert.match((await thrownBy(`http://127.0.0.1:${port}/`)).message, /gave no answer/);
  await new Promise((resolve) => server.close(resolve));
});

test("a lease that is lost already lets no request out", async () => {
  await withTarget(undefined, async ({ url, got }) => {
    assert.match((await thrownBy(url, {}, AbortSignal.abort(new Error("the lease is lost")))).message, /is lost/);
    assert.equal(got.length, 0);
  });
});

test("a lost lease ends the request", async () => {
  const lost = new AbortController();
  const reason = new Error("the lease is lost");
  const ended: unknown[] = [];
  const fetch: ForwardOptions["fetch"] = (url, init) => {
    init?.signal?.addEventListener("abort", () => void ended.push(init.signal?.reason));
    return globalThis.fetch(url, init);
  };
  await withTarget(() => lost.abort(reason), async ({ url }) => {
    assert.equal(await thrownBy(url, { fetch, timeoutMs: 5000 }, lost.signal), reason);
  });
  assert.deepEqual(ended, [reason]);
});

test("answers leave the connection usable for the next message", async () => {
  const ports = new Set<number | undefined>();
  await withTarget((response) => {
    ports.add(response.socket?.remotePort);
    response.writeHead(200, { "content-length": "2" }).flushHeaders();
    setTimeout(() => response.end("ok"), 5);
  }, async ({ url }) => {
    for (let count = 0; count < 5; count++) await forward(url);
  });
  // A runtime may open a second one before the first is free again.
  assert.ok(ports.size <= 2, `${ports.size} connections`);
});
