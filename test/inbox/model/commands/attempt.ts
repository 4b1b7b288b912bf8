// Attempts: begun, saved, ended.
import fc from "fast-check";
import assert from "node:assert/strict";
import type { EndedCall, Outcome, Position, Progress, Work } from "../../../../src/inbox/inbox.ts";
import { command, describe, fenced, heldOf, type ModelCommand, pick, type Say, workingOf } from "../command.ts";
import { ERRORS } from "../errors.ts";
import { finish as finishModel, lastErrors, save, takenOf } from "../run.ts";
import { type Held, laneOf, type Model, type ModelCallback } from "../state.ts";

/** As in a literal. */
const PLAIN = { noNullPrototype: true };
const HANDLER = "row.* save";
const position: fc.Arbitrary<Position> = fc.record({
  event: fc.constantFrom(0, 1, "row/7" as const, "all" as const),
  handler: fc.nat(1),
  fingerprint: fc.constant("f"),
}, PLAIN);
const error = fc.constantFrom(...ERRORS).map(([text]) => text);
const ended: fc.Arbitrary<EndedCall[]> = fc.uniqueArray(
  fc.record({
    call: position,
    handler: fc.constant(HANDLER),
    attempt: fc.integer({ min: 1, max: 3 }),
    error: fc.option(error, { nil: undefined }),
  }, PLAIN),
  { maxLength: 3, selector: ({ call }) => call.event },
);
const progress: fc.Arbitrary<Progress> = fc.record({
  position,
  attempt: fc.constantFrom(undefined, 1),
  ended: fc.option(ended, { nil: undefined }),
}, PLAIN);
const outcome: fc.Arbitrary<Outcome> = fc.oneof(
  { weight: 3, arbitrary: fc.constant({ kind: "done" } as const) },
  { weight: 1, arbitrary: fc.constant({ kind: "dropped" } as const) },
  { weight: 1, arbitrary: fc.constant({ kind: "discarded", reason: "no use" } as const) },
  {
    weight: 4,
    arbitrary: fc.tuple(progress, error, fc.constantFrom(0, 1000, 3_600_000)).map(([progress, error, retryAfterMs]) =>
      ({ kind: "failed", ...progress, error, retryAfterMs }) as const
    ),
  },
  {
    weight: 4,
    arbitrary: fc.tuple(ended, fc.option(error, { nil: undefined })).map(([ended, error]) =>
      ({ kind: "dead", ended, error }) as const
    ),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(position, error).map(([position, error]) => ({ kind: "dead", position, error }) as const),
  },
  { weight: 2, arbitrary: progress.map((progress) => ({ kind: "paused", ...progress }) as const) },
);

export const take: fc.Arbitrary<ModelCommand> = fc.tuple(fc.nat(5), fc.nat(7)).map(([of, lost]) => {
  // No worker takes while its attempt runs.
  const idle = (model: Model) => heldOf(model, lost === 0).filter(({ work }) => !work);
  return command("take", async (model, real, say) => {
    const held = pick(idle(model), of);
    say(describe(held));
    const taken = await fenced(model, held, () => real.inboxes[held.worker]!.take(held.lease), say);
    if (taken) checkTaken(model, held, taken.result, say);
  }, (model) => idle(model).length > 0);
});

function checkTaken(model: Model, held: Held, work: Work | undefined, say: Say): void {
  const lane = laneOf(model, held.lease.lane);
  const [first] = lane.queue;
  held.work = work;
  say(work ? `callback ${work.id}` : "nothing");
  if (!first || lane.retryAt > model.now) {
    // With slack, a failed callback may be due earlier.
    if (first && model.slack && work) lane.retryAt = 0;
    else {
      assert.equal(work, undefined, "nothing is due");
      held.isLoose = !first;
      return;
    }
  }
  assert.ok(first && work, "the first of the lane is due");
  held.isLoose = false;
  lane.isTaken = true;
  first.attempts++;
  first.attemptedAt = model.now;
  const { id, callback, attempts: attempt, unfinished, position, steps, deadCalls } = first;
  assert.deepEqual({ ...work, callback: { ...work.callback }, steps: new Map([...work.steps].sort()) }, {
    id,
    callback,
    attempt,
    unfinished,
    position,
    steps: new Map([...steps].sort()),
    deadCalls: deadCalls.filter(({ state }) => state !== "skipped")
      .map(({ number, call, handler, state }) => ({ number, call, handler, isOwed: state === "owed" })),
  }, "what is taken");
}

export const finish: fc.Arbitrary<ModelCommand> = fc.tuple(outcome, fc.boolean(), fc.nat(5), fc.nat(7)).map((
  [given, next, of, lost],
) =>
  command("finish", async (model, real, say) => {
    const held = pick(workingOf(model, lost === 0), of);
    const { work } = held;
    const outcome = lost === 0 ? given : possible(takenOf(model, held), given);
    say(`${describe(held)} ${work!.id} ${JSON.stringify(outcome)}${next ? " and takes the next" : ""}`);
    const inbox = real.inboxes[held.worker]!;
    const finished = await fenced(model, held, () => inbox.finish(held.lease, work!, outcome, { next }), say);
    held.old = work;
    held.work = undefined;
    if (!finished) return;
    const entry = takenOf(model, held);
    finishModel(model, entry, outcome, work!.attempt);
    await adopt(entry, outcome);
    if (next) checkTaken(model, held, finished.result, say);
    else assert.equal(finished.result, undefined);

    async function adopt(entry: ModelCallback, outcome: Outcome): Promise<void> {
      if (outcome.kind !== "dead" || outcome.error !== undefined) return;
      const { error } = (await inbox.show(entry.id))!;
      // Which was the last isn't known of those that died at once, or before the clock was set back.
      if (lastErrors(entry).includes(error!) || real.setBack) entry.error = error;
    }
  }, (model) => workingOf(model, lost === 0).length > 0)
);

/** As an attempt can end: done, if no call is dead; dead, if one is. */
function possible({ deadCalls }: ModelCallback, outcome: Outcome): Outcome {
  if (outcome.kind === "done") {
    const dead = deadCalls.filter(({ state }) => state !== "skipped");
    return { ...outcome, ended: dead.map(({ call, handler }) => ({ call, handler, attempt: 1 })) };
  }
  if (outcome.kind !== "dead" || outcome.position || outcome.ended?.some(({ error }) => error !== undefined)) {
    return outcome;
  }
  const call: Position = { event: 2, handler: 0, fingerprint: "f" };
  return { ...outcome, ended: [...outcome.ended ?? [], { call, handler: HANDLER, attempt: 1, error: ERRORS[0]![0] }] };
}

export const saveProgress: fc.Arbitrary<ModelCommand> = fc.tuple(progress, fc.nat(5), fc.nat(7), fc.boolean()).map((
  [progress, of, lost, twice],
) =>
  command("saveProgress", async (model, real, say) => {
    const held = pick(workingOf(model, lost === 0), of);
    say(`${describe(held)} ${held.work!.id} ${JSON.stringify(progress)}${twice ? " twice" : ""}`);
    const inbox = real.inboxes[held.worker]!;
    for (let times = twice ? 2 : 1; times; times--) {
      const saved = await fenced(model, held, () => inbox.saveProgress(held.lease, held.work!, progress), say);
      if (saved) save(model, takenOf(model, held), progress, held.work!.attempt);
    }
  }, (model) => workingOf(model, lost === 0).length > 0)
);

export const saveStep: fc.Arbitrary<ModelCommand> = fc.tuple(fc.nat(2), fc.nat(9), fc.nat(5), fc.nat(7)).map((
  [key, value, of, lost],
) =>
  command("saveStep", async (model, real, say) => {
    const held = pick(workingOf(model, lost === 0), of);
    say(`${describe(held)} ${held.work!.id} "${key}/s" ${value}`);
    const inbox = real.inboxes[held.worker]!;
    const saved = await fenced(model, held, () => inbox.saveStep(held.lease, held.work!, `${key}/s`, `${value}`), say);
    if (saved) takenOf(model, held).steps.set(`${key}/s`, `${value}`);
  }, (model) => workingOf(model, lost === 0).length > 0)
);

/** An attempt that has ended records nothing more, whoever has the lane. */
export const recordOld: fc.Arbitrary<ModelCommand> = fc.tuple(progress, fc.nat(5)).map(([progress, of]) => {
  const withOld = (model: Model) =>
    model.held.filter(({ lease, old }) => {
      const { isTaken, queue } = laneOf(model, lease.lane);
      return old && !(isTaken && queue[0]?.id === old.id);
    });
  return command("saveProgress", async (model, real, say) => {
    const held = pick(withOld(model), of);
    say(`${describe(held)} ${held.old!.id}, which has ended`);
    const inbox = real.inboxes[held.worker]!;
    const refused = { code: "lease_lost" };
    await assert.rejects(inbox.saveProgress(held.lease, held.old!, progress), refused);
    await assert.rejects(inbox.saveStep(held.lease, held.old!, "old", "1"), refused);
  }, (model) => withOld(model).length > 0);
});
