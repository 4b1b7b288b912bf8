import assert from "node:assert/strict";
import { test } from "node:test";
import { delay } from "../../src/async/delay.ts";
import { readBody as read } from "../../src/receive/body.ts";
import { createBodyBudget } from "../../src/receive/body_budget.ts";
import { createSharedDeadline } from "../../src/async/deadline.ts";
import { postRequest } from "../support/callbacks.ts";

/** A body in pieces, which tells how many were taken and whether it was cancelled. */
function pieces(count: number, size: number) {
  const seen = { taken: 0, cancelled: false };
  const stream = new ReadableStream({
    pull(controller) {
      if (seen.taken === count) return controller.close();
      seen.taken++;
      controller.enqueue(new Uint8Array(size));
    },
    cancel: () => void (seen.cancelled = true),
  }, { highWaterMark: 0 });
  return { seen, stream };
}

const streamRequest = (body: ReadableStream, headers: Record<string, string> = {}) =>
  new Request("http://localhost", { method: "POST", headers, body, duplex: "half" } as RequestInit);

const readBody = (request: Request, maxBytes: number, timeoutMs: number, budget = createBodyBudget(2 ** 30)) =>
  read(request, { maxBytes, timeoutMs, deadline: createSharedDeadline(timeoutMs), account: budget.begin() }).then((
    body,
  ) => body.head(body.size));

test("readBody() joins what comes in pieces, to the last byte that is allowed", async () => {
  assert.equal((await readBody(streamRequest(pieces(10, 10).stream), 100, 1000)).length, 100);
  assert.equal(new TextDecoder().decode(await readBody(postRequest("zwölf"), 6, 1000)), "zwölf");
  assert.equal((await readBody(postRequest(null), 100, 1000)).length, 0);
});

test("readBody() counts what comes in at once as what comes in pieces", async () => {
  const request = () => streamRequest(pieces(1, 60).stream, { "content-length": "60" });
  for (const body of [request, () => streamRequest(pieces(6, 10).stream)]) {
    const budget = createBodyBudget(100);
    const first = await readBody(body(), 100, 1000, budget);
    assert.equal(first.length, 60);
    await assert.rejects(readBody(body(), 100, 1000, budget), { code: "bodies_full" });
  }
});

test("readBody() takes no more of a body than the limit allows", async () => {
  const { seen, stream } = pieces(1000, 10);
  await assert.rejects(readBody(streamRequest(stream), 95, 1000), { code: "body_too_large" });
  assert.equal(seen.taken, 10);
  assert.ok(seen.cancelled);
});

test("readBody() refuses a declared length unread, and doesn't believe a smaller one", async () => {
  const declared = pieces(1, 1);
  await assert.rejects(readBody(streamRequest(declared.stream, { "content-length": "101" }), 100, 1000), {
    code: "body_too_large",
  });
  assert.equal(declared.seen.taken, 0);
  const lying = pieces(1000, 10);
  const length = { "content-length": "5" };
  await assert.rejects(readBody(streamRequest(lying.stream, length), 100, 1000), { code: "body_too_large" });
  const inflated = pieces(1000, 10);
  const headers = { ...length, "content-encoding": "gzip" };
  await assert.rejects(readBody(streamRequest(inflated.stream, headers), 100, 1000), { code: "body_too_large" });
  assert.equal(inflated.seen.taken, 11);
});

test("readBody() doesn't wait for a body that doesn't come", async () => {
  let cancelled = false;
  const stalled = new ReadableStream({
    start: (controller) => controller.enqueue(new Uint8Array(1)),
    cancel: () => void (cancelled = true),
  });
  await assert.rejects(readBody(streamRequest(stalled), 100, 20), { code: "body_timeout" });
  assert.ok(cancelled);
});

test("readBody() says so when the body breaks off, or was read before", async () => {
  const broken = new ReadableStream({ pull: (controller) => controller.error(new Error("gone")) });
  await assert.rejects(readBody(streamRequest(broken), 100, 1000), { code: "body_unreadable" });
  const wrong = new ReadableStream({ start: (controller) => (controller.enqueue("text"), controller.close()) });
  await assert.rejects(readBody(streamRequest(wrong), 100, 1000), { code: "body_unreadable" });
  const read = postRequest("{}");
  await read.text();
  await assert.rejects(readBody(read, 100, 1000), { code: "body_unreadable", message: /already read/ });
});

test("readBody() has an end to its patience with tiny chunks, and keeps no more than the body", async () => {
  const body = await readBody(streamRequest(pieces(1000, 1).stream), 10_000, 10_000);
  assert.equal(body.length, 1000);
  assert.equal((await readBody(streamRequest(pieces(5000, 64).stream), 1_000_000, 10_000)).length, 320_000);
  const tiny = pieces(5000, 1);
  await assert.rejects(readBody(streamRequest(tiny.stream), 10_000, 10_000), {
    code: "body_unreadable",
    message: /chunks/,
  });
  assert.ok(tiny.seen.taken < 1100, `${tiny.seen.taken} chunks were taken`);
});

test("readBody() says that something has read the body before, whatever is left of it", async () => {
  const empty = new ReadableStream({ start: (controller) => controller.close() });
  const consumed = {
    code: "body_unreadable",
    message: /already read, e\.g\. by express\.json\(\): register the receiver/,
  };
  await assert.rejects(readBody(streamRequest(empty, { "content-length": "900" }), 1000, 1000), consumed);
  const read = postRequest("{}");
  await read.text();
  await assert.rejects(readBody(read, 100, 1000), consumed);
});

for (const [how, size] of [["at once", 10], ["in pieces", 20_000]] as const) {
  test(`readBody() ends a body that is cut, and counts it until then (${how})`, async () => {
    let time = 0;
    const budget = createBodyBudget(30_000, 2, () => time);
    const account = budget.begin();
    let end = () => {};
    const stalled = new ReadableStream({
      start(controller) {
        controller.enqueue(new Uint8Array(1));
        end = () => controller.close();
      },
      cancel: () => void (end = () => {}),
    });
    const request = streamRequest(stalled, { "content-length": String(size) });
    const reading = read(request, {
      maxBytes: size,
      timeoutMs: 60_000,
      deadline: createSharedDeadline(60_000),
      account,
    });
    reading.catch(() => {});
    await delay(0);
    time = 1000;
    const others = [budget.begin(), budget.begin()];
    await assert.rejects(reading, { code: "bodies_full" });
    others[0]!.add(30_000);
    end();
  });
}
