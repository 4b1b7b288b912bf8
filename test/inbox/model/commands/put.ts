import fc from "fast-check";
import assert from "node:assert/strict";
import type { AcceptedCallback } from "../../../../src/callback/callback.ts";
import { command, type ModelCommand, pick } from "../command.ts";
import { mayBeForgotten, type Model, queue } from "../state.ts";

const KINDS = [
  "new",
  "new",
  "new",
  "new",
  "again",
  "other nonce",
  "other timestamp",
  "other digest",
  "other webhook",
] as const;

export const put: fc.Arbitrary<ModelCommand> = fc.tuple(
  fc.nat(2),
  fc.nat(2),
  fc.constantFrom(...KINDS),
  fc.nat(30),
  fc.nat(9),
).map(([worker, lane, kind, of, once]) =>
  command("put", async (model, real, say) => {
    const inbox = real.inboxes[worker]!;
    const callback = make(model, kind, lane + 1, of);
    const puts = once ? [inbox] : real.inboxes;
    say(`${kind} in lane ${callback.scopeObjectId}${once ? "" : " by all workers at once"}`);
    const same = [...model.callbacks.values()].filter((known) => isSame(known.callback, callback));
    const outcomes = await Promise.all(puts.map((each) => each.put(callback)));
    const stored = outcomes.filter((outcome) => outcome === "stored").length;
    const outcome = stored ? "stored" : "duplicate";
    model.given.push(callback);
    assert.ok(stored <= 1, "it is stored once");
    if (!same.length) assert.equal(outcome, "stored");
    if (same.some((known) => !mayBeForgotten(model, known))) assert.equal(outcome, "duplicate");
    if (outcome === "duplicate") return say("(duplicate)");
    for (const { id } of same) model.callbacks.delete(id);
    const [id] = await inbox.find({}, 1);
    assert.ok(id! > model.lastId, "ids grow");
    model.lastId = id!;
    say(`as ${id}`);
    const entry = {
      id: id!,
      callback,
      state: "pending" as const,
      attempts: 0,
      unfinished: 0,
      position: undefined,
      steps: new Map(),
      error: undefined,
      failedAt: undefined,
      attemptedAt: undefined,
      endedAt: undefined,
      failures: [],
      deadCalls: [],
      parts: [],
    };
    model.callbacks.set(id!, entry);
    queue(model, entry);
  })
);

function make(model: Model, kind: typeof KINDS[number], lane: number, of: number): AcceptedCallback {
  const next = `${model.given.length + 1}`;
  const acceptedAt = model.now;
  const fresh = {
    webhookId: 1,
    nonce: `n${next}`,
    timestamp: `t${next}`,
    scopeObjectId: lane,
    body: `{"body":${next}}`,
    digest: "d",
    acceptedAt,
    ...(model.given.length % 2 && { traceparent: `00-${next}` }),
  };
  if (kind === "new" || !model.given.length) return fresh;
  const given = { ...pick(model.given, of), acceptedAt };
  if (kind === "other nonce") return { ...given, nonce: fresh.nonce };
  if (kind === "other timestamp") return { ...given, timestamp: fresh.timestamp };
  if (kind === "other digest") return { ...given, digest: `d${next}` };
  if (kind === "other webhook") return { ...given, webhookId: 1 + model.given.length };
  return given;
}

function isSame(one: AcceptedCallback, other: AcceptedCallback): boolean {
  return one.webhookId === other.webhookId && one.digest === other.digest &&
    (one.nonce === other.nonce || one.timestamp === other.timestamp);
}
