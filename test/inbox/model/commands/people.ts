// What people do with callbacks.
import fc from "fast-check";
import assert from "node:assert/strict";
import type { Position } from "../../../../src/inbox/inbox.ts";
import type { ActedOn, CallbackFilter, CallbackState, CallPick } from "../../../../src/inbox/inspect.ts";
import { deadErrors, discard as discardOne, isMatch, replay as replayOne, skip as skipOne } from "../act.ts";
import { command, type ModelCommand, pick, type Real } from "../command.ts";
import { ERRORS } from "../errors.ts";
import { fail } from "../run.ts";
import { laneOf, mayBeForgotten, type Model, type ModelCallback, NEVER_ENDED } from "../state.ts";

const key = fc.constantFrom(...ERRORS).map(([, key]) => key);
const callPick: fc.Arbitrary<CallPick | undefined> = fc.oneof(
  { weight: 3, arbitrary: fc.constant(undefined) },
  {
    weight: 2,
    arbitrary: fc.uniqueArray(fc.integer({ min: 1, max: 4 }), { maxLength: 3 }).map((calls) => ({ calls })),
  },
  { weight: 1, arbitrary: key.map((error) => ({ error })) },
  { weight: 1, arbitrary: fc.tuple(fc.integer({ min: 1, max: 4 }), key).map(([n, error]) => ({ calls: [n], error })) },
);
const some = fc.array(fc.nat(20), { minLength: 1, maxLength: 3 });
const ENDED = ["done", "discarded", "dead"] as const;

function idsOf(model: Model, picks: readonly number[]): number[] {
  // What holds up its lane most of all; the last isn't there.
  const firsts = [...model.lanes.values()].flatMap(({ queue }) => queue[0]?.id ?? []);
  const ids = [...firsts, ...firsts, ...model.callbacks.keys(), model.lastId + 1000];
  return [...new Set(picks.map((each) => pick(ids, each)))];
}

function acting(
  name: "replay" | "skip" | "discard",
  act: (model: Model, id: number, given: CallPick | undefined) => ActedOn,
): fc.Arbitrary<ModelCommand> {
  return fc.tuple(fc.nat(2), some, callPick).map(([worker, picks, given]) =>
    command(name, async (model, real, say) => {
      await settle(model, real);
      const ids = idsOf(model, picks);
      say(`${ids.join(", ")}${given && name !== "discard" ? ` ${JSON.stringify(given)}` : ""}`);
      const inbox = real.inboxes[worker]!;
      const lost: { readonly entry: ModelCallback; readonly call: Position | undefined }[] = [];
      const running = await Promise.all(ids.map(async (id) => (await inbox.show(id))?.isRunning));
      const acted = await (name === "discard" ? inbox.discard(ids) : inbox[name](ids, given));
      // With slack, whether an attempt runs is the inbox's to say.
      const expected = ids.map((id, index) => {
        if (acted[index]!.outcome === "unknown" && isForgettable(model, id)) model.callbacks.delete(id);
        const entry = model.callbacks.get(id);
        const { held } = entry ? laneOf(model, entry.callback.scopeObjectId) : {};
        const { until } = held ?? {};
        if (held && model.slack) {
          held.until = running[index] ? Math.max(until!, model.now + 1) : Math.min(until!, model.now);
        }
        const isLost = !running[index] && entry && isTakenOf(model, id);
        const call = entry?.position;
        const result = act(model, id, given);
        if (held && model.slack) held.until = until!;
        if (isLost && entry.state !== "pending") lost.push({ entry, call });
        return result;
      });
      assert.deepEqual(acted.map((each) => ({ ...each })), expected, "what was done");
      // That the attempt at one that was ended by hand had been lost may be recorded, or not.
      for (const { entry, call } of lost) {
        const isRecorded = (await inbox.show(entry.id))?.failures.length === entry.failures.length + 1;
        if (isRecorded) fail(model, entry, NEVER_ENDED, { attempt: entry.attempts, call });
      }
    }, (model) => model.callbacks.size > 0)
  );
}

function isTakenOf(model: Model, id: number): boolean {
  const lane = laneOf(model, model.callbacks.get(id)!.callback.scopeObjectId);
  return lane.isTaken && lane.queue[0]?.id === id;
}

function isForgettable(model: Model, id: number): boolean {
  const entry = model.callbacks.get(id);
  return entry !== undefined && mayBeForgotten(model, entry);
}

/** Finds out which of the callbacks that may be forgotten are. */
async function settle(model: Model, { inboxes: [inbox] }: Real): Promise<void> {
  for (const entry of [...model.callbacks.values()].filter((entry) => mayBeForgotten(model, entry))) {
    if (!await inbox!.show(entry.id)) model.callbacks.delete(entry.id);
  }
}

export const replay: fc.Arbitrary<ModelCommand> = acting("replay", replayOne);
export const skip: fc.Arbitrary<ModelCommand> = acting("skip", skipOne);
export const discard: fc.Arbitrary<ModelCommand> = acting("discard", discardOne);

export const prune: fc.Arbitrary<ModelCommand> = fc.tuple(
  fc.nat(2),
  fc.uniqueArray(fc.constantFrom(...ENDED), { minLength: 1 }),
  fc.constantFrom(1, 0, 1000, 3_600_000),
).map(([worker, states, ago]) =>
  command("prune", async (model, real, say) => {
    await settle(model, real);
    const before = model.now + 1 - ago;
    say(`${states.join(", ")} until ${ago} ms ago`);
    const gone = [...model.callbacks.values()].filter(({ state, endedAt }) =>
      (states as readonly CallbackState[]).includes(state) && endedAt! < before
    );
    assert.equal(await real.inboxes[worker]!.prune(states, before), gone.length);
    for (const { id } of gone) model.callbacks.delete(id);
  })
);

const filter: fc.Arbitrary<CallbackFilter> = fc.record({
  states: fc.option(fc.uniqueArray(fc.constantFrom("pending" as const, ...ENDED), { minLength: 1 }), {
    nil: undefined,
  }),
  scopeObjectId: fc.constantFrom(undefined, undefined, 1, 2),
  webhookId: fc.constantFrom(undefined, undefined, 1),
  error: fc.oneof(fc.constant(undefined), key),
}, { requiredKeys: [] });

export const find: fc.Arbitrary<ModelCommand> = fc.tuple(
  filter,
  fc.constantFrom(undefined, 1, 3),
  fc.constantFrom(undefined, "since" as const, "until" as const),
  fc.nat(20),
).map(([given, limit, bound, of]) =>
  command("find", async (model, real, say) => {
    await settle(model, real);
    const at = bound && model.given.length ? { [bound]: pick(model.given, of).acceptedAt } : {};
    const filter = { ...given, ...at };
    say(`${JSON.stringify(filter)}, ${limit ?? "all"}`);
    const [inbox] = real.inboxes;
    const found = [...model.callbacks.values()].filter((entry) => isMatch(entry, filter)).map(({ id }) => id).reverse();
    assert.deepEqual(await inbox!.find(filter, limit), found.slice(0, limit));
    const errors = (await inbox!.deadErrors(filter)).map((each) => ({ ...each }));
    const byError = (one: { error: string }, other: { error: string }) => one.error < other.error ? -1 : 1;
    assert.deepEqual(errors.toSorted(byError), deadErrors(model, filter).toSorted(byError), "the errors");
    const calls = errors.map(({ calls }) => calls);
    assert.deepEqual(calls, calls.toSorted((a, b) => b - a), "those with the most calls first");
  })
);
