import assert from "node:assert/strict";
import { test } from "node:test";
import { createCounts } from "../../src/counts.ts";
import type { AttemptResult } from "../../src/dispatch/attempt.ts";
import { createOutcomeOf } from "../../src/dispatch/outcome.ts";
import { Discard, RetryLater } from "../../src/errors.ts";
import type { EndedCall, Position } from "../../src/inbox/inbox.ts";
import { createLog } from "../support/callbacks.ts";

const callback = { webhookId: 1, nonce: "n", scopeObjectId: 2 };
const position: Position = { event: 0, handler: 0, fingerprint: "f" };
const ended: readonly EndedCall[] = [{ call: position, handler: "h", attempt: 2, error: "dead" }];

/** The outcome, what it counts, and the levels of its log lines: nothing before it is reported. */
function outcomeOf(result: AttemptResult, attempts = 3) {
  const counts = createCounts();
  const log = createLog();
  const { outcome, report } = createOutcomeOf({ random: () => 0.5, logger: log, counts })(
    result,
    callback,
    attempts,
    ended,
  );
  assert.deepEqual([counts.failures, counts.deadLetters, counts.discarded, log.lines], [0, 0, 0, []]);
  report();
  const { failures, deadLetters, discarded } = counts;
  const levels = log.lines.map((line) => line.split(" ")[0]).join();
  return { outcome, told: { failures, deadLetters, discarded, levels } };
}

const failed = (error: unknown, attempt = 1): AttemptResult => ({ kind: "failed", error, position, attempt });

function retryAfterOf(error: unknown, attempt?: number): number {
  const { outcome } = outcomeOf(failed(error, attempt), 100);
  assert.ok(outcome.kind === "failed");
  return outcome.retryAfterMs;
}

test("an attempt that failed is tried again, and counted", () => {
  const { outcome, told } = outcomeOf(failed("no", 2));
  assert.deepEqual(outcome, { kind: "failed", error: 'Thrown: "no"', retryAfterMs: 2000, position, attempt: 2, ended });
  assert.deepEqual(told, { failures: 1, deadLetters: 0, discarded: 0, levels: "warn" });
});

test("the last attempt makes a dead letter where no call could be made", () => {
  const { outcome, told } = outcomeOf(failed("no", 3));
  assert.deepEqual(outcome, { kind: "dead", error: 'Thrown: "no"', position, ended });
  assert.deepEqual(told, { failures: 1, deadLetters: 1, discarded: 0, levels: "error" });
});

test("Discard ends a callback with its reason, on the last attempt, too", () => {
  for (const attempt of [1, 3]) {
    const { outcome, told } = outcomeOf(failed(new Discard("not wanted"), attempt));
    assert.deepEqual(outcome, { kind: "discarded", reason: "not wanted" });
    assert.deepEqual(told, { failures: 0, deadLetters: 0, discarded: 1, levels: "info" });
  }
});

test("a callback that was processed is done, or a dead letter if calls of it are dead", () => {
  const done = { kind: "done", events: 1, calls: 1, ms: 0.4 } as const;
  assert.deepEqual(outcomeOf({ ...done, dead: 0 }), {
    outcome: { kind: "done", ended },
    told: { failures: 0, deadLetters: 0, discarded: 0, levels: "info" },
  });
  assert.deepEqual(outcomeOf({ ...done, dead: 1, error: "no" }), {
    outcome: { kind: "dead", error: "no", ended },
    told: { failures: 0, deadLetters: 1, discarded: 0, levels: "error" },
  });
});

test("an attempt that paused keeps its place and its dead calls, and says nothing; a probe leaves nothing", () => {
  const told = { failures: 0, deadLetters: 0, discarded: 0, levels: "" };
  const paused = { kind: "paused", position, attempt: 2 } as const;
  assert.deepEqual(outcomeOf(paused), { outcome: { ...paused, ended }, told });
  assert.deepEqual(outcomeOf({ kind: "dropped" }), { outcome: { kind: "dropped" }, told });
});

test("RetryLater says how long to wait, from 0 to 30 days; anything else doubles", () => {
  assert.equal(retryAfterOf(new RetryLater(1234.4)), 1234);
  assert.equal(retryAfterOf(new RetryLater(0)), 0);
  assert.equal(retryAfterOf(new RetryLater(365 * 86_400_000)), 30 * 86_400_000);
  assert.equal(
    retryAfterOf(Object.assign(new Error("no"), { code: "retry_later", delayMs: -5 })),
    0,
    "of another installed copy",
  );
  assert.deepEqual([1, 2, 3, 12, 13, 50].map((attempt) => retryAfterOf("no", attempt)), [
    1000,
    2000,
    4000,
    2_048_000,
    3_600_000,
    3_600_000,
  ]);
});
