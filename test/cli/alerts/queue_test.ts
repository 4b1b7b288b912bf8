import assert from "node:assert/strict";
import { test } from "node:test";
import type { Alert } from "../../../src/cli/alerts/alert.ts";
import { news } from "../../../src/cli/alerts/news.ts";
import { type AlertQueue, createAlertQueue } from "../../../src/cli/alerts/queue.ts";
import { parseAlertTargets } from "../../../src/cli/alerts/target.ts";
import { type AnswerMessage, answerWith, startTarget, withTarget } from "../../forward/start_target.ts";
import { createLog } from "../../support/callbacks.ts";
import { until } from "../../support/until.ts";

const alertOf = (webhookId: number): Alert => ({
  ...news.webhookEnabled(webhookId),
  at: "2026-01-31T08:00:00.000Z",
  host: "m1",
});

/** A queue whose waits between tries are noted, and take no time. */
function createQueue(url: string, options: { timeoutMs?: number } = {}) {
  const log = createLog();
  const waits: number[] = [];
  const [target] = parseAlertTargets([url]);
  const wait = (ms: number) => {
    waits.push(ms);
    return Promise.resolve();
  };
  const queue = createAlertQueue(target!, { logger: log, wait, ...options });
  return { ...queue, log, waits };
}

/** Runs until all that was added is posted or given up. */
const idle = ({ stop }: AlertQueue) => stop(60_000);

async function withAnswers(answers: readonly (number | AnswerMessage)[], use: Parameters<typeof withTarget>[1]) {
  await withTarget((response, got, count) => {
    const answer = answers[Math.min(count, answers.length) - 1]!;
    return typeof answer === "number" ? answerWith(answer)(response, got, count) : answer(response, got, count);
  }, use);
}

test("createAlertQueue() posts alerts in order, as JSON of the documented shape", async () => {
  await withTarget(undefined, async ({ url, got }) => {
    const queue = createQueue(url);
    for (const id of [1, 2, 3]) queue.add(alertOf(id));
    await idle(queue);
    assert.deepEqual(got.map(({ body }) => body.subject.webhookId), [1, 2, 3]);
    assert.deepEqual(got[0]!.body, alertOf(1));
    assert.deepEqual(Object.keys(got[0]!.body), ["type", "state", "subject", "title", "text", "at", "host"]);
    assert.equal(got[0]!.headers["content-type"], "application/json");
    assert.deepEqual(queue.log.lines, []);
  });
});

test("createAlertQueue() tries again after a 500, a 429 and no answer, with growing waits", async () => {
  const never: AnswerMessage = () => {};
  await withAnswers([500, never, answerWith(429, { "retry-after": "30" }), 204], async ({ url, got }) => {
    const queue = createQueue(url, { timeoutMs: 100 });
    queue.add(alertOf(1));
    await idle(queue);
    assert.equal(got.length, 4);
    assert.deepEqual(queue.waits, [1_000, 5_000, 30_000]);
    const { origin } = new URL(url);
    assert.deepEqual(queue.log.lines, [
      `warn alerts don't reach ${origin}, which answered 500`,
      `info alerts reach ${origin} again; lost: 0`,
    ]);
  });
});

test("createAlertQueue() follows no redirect, and doesn't repeat what a target refuses", async () => {
  await withTarget(undefined, async (behind) => {
    for (
      const [status, headers] of [[302, { location: behind.url }], [307, { location: behind.url }], [404, {}]] as const
    ) {
      await withTarget(answerWith(status, headers), async ({ url, got }) => {
        const queue = createQueue(url);
        queue.add(alertOf(1));
        queue.add(alertOf(2));
        await idle(queue);
        assert.equal(got.length, 2);
        assert.equal(queue.log.lines.length, 1, "one line");
        assert.match(queue.log.lines[0]!, RegExp(`answered ${status}`));
      });
    }
    assert.deepEqual(behind.got, []);
  });
});

test("createAlertQueue() logs one line for a target that is down, which shows nothing of its URL but the origin", async () => {
  const down = await startTarget();
  await down.stop();
  const queue = createQueue(`${down.url}/services/hidden-path-4711?sig=hidden-query`);
  for (const id of [1, 2, 3]) queue.add(alertOf(id));
  await idle(queue);
  assert.equal(queue.log.lines.length, 1);
  assert.match(queue.log.lines[0]!, /^warn alerts don't reach http:\/\/127\.0\.0\.1:\d+, which gave no answer: /);
  assert.doesNotMatch(queue.log.lines[0]!, /hidden/);
  assert.equal(queue.waits.length, 12);
});

test("createAlertQueue() keeps 100 alerts for a target that hangs, and stop() ends in time", async () => {
  await withTarget(() => {}, async ({ url, got }) => {
    const queue = createQueue(url, { timeoutMs: 600_000 });
    for (let id = 1; id <= 1000; id++) queue.add(alertOf(id));
    await until("the first is there", () => got.length > 0);
    await queue.stop(50);
    assert.equal(got.length, 1);
    assert.deepEqual(queue.log.lines, []);
  });
  let isOpen = false;
  const waiting: (() => void)[] = [];
  const answer: AnswerMessage = (response) => {
    const end = () => void response.writeHead(204).end();
    if (isOpen) end();
    else waiting.push(end);
  };
  await withTarget(answer, async ({ url, got }) => {
    const queue = createQueue(url, { timeoutMs: 600_000 });
    for (let id = 1; id <= 1000; id++) queue.add(alertOf(id));
    await until("the first is there", () => got.length > 0);
    isOpen = true;
    for (const end of waiting) end();
    await idle(queue);
    assert.deepEqual(
      got.map(({ body }) => body.subject.webhookId),
      Array.from({ length: 100 }, (_, index) => index + 1),
    );
  });
});
