// Leases: given, extended, ended.
import fc from "fast-check";
import assert from "node:assert/strict";
import type { Lease } from "../../../../src/inbox/inbox.ts";
import { command, describe, heldOf, type ModelCommand, pick, type Real, refuse, WORKERS } from "../command.ts";
import { fail } from "../run.ts";
import { delayAfter, isOver, LEASE_MS, type Model, type ModelLane, NEVER_ENDED, statusOf } from "../state.ts";

const asker = fc.record({ worker: fc.nat(2), limit: fc.integer({ min: 1, max: 4 }) });

/** By one worker, or by several at the same time. */
export const lease: fc.Arbitrary<ModelCommand> = fc.oneof(
  { weight: 5, arbitrary: fc.array(asker, { minLength: 1, maxLength: 1 }) },
  { weight: 1, arbitrary: fc.uniqueArray(asker, { selector: ({ worker }) => worker, minLength: 2, maxLength: 3 }) },
).map((askers) =>
  command("lease", async (model, real, say) => {
    const given = await Promise.all(askers.map(async ({ worker, limit }) => {
      const leases = await real.inboxes[worker]!.lease(limit, LEASE_MS);
      say(`${WORKERS[worker]} up to ${limit}: ${leases.map(({ lane }) => `lane ${lane}`).join(", ") || "none"};`);
      assert.ok(leases.length <= limit, "no more than the limit");
      return leases;
    }));
    const lanes = given.flat().map(({ lane }) => model.lanes.get(lane)!);
    assert.equal(new Set(lanes).size, lanes.length, "a lane is leased to one");
    for (const lane of lanes) assert.notEqual(dueness(model, lane), "no", `lane ${lane.id} isn't due`);
    const others = [...model.lanes.values()].filter((lane) => !lanes.includes(lane));
    const due = others.filter((lane) => dueness(model, lane) === "yes");
    // Of several, one may find an attempt lost that another then has no place for.
    const isSure = askers.length === 1 || !others.some(({ isTaken }) => isTaken);
    if (isSure && given.some((leases, index) => leases.length < askers[index]!.limit)) {
      assert.deepEqual(due.map(({ id }) => id), [], "these are due");
    }
    if (askers.length === 1) checkOrder(model, lanes, due);
    await notice(model, real, others);
    given.forEach((leases, index) => leases.forEach((each) => give(model, askers[index]!.worker, each)));
  })
);

/** Whether a lane can be leased. */
function dueness(model: Model, { queue, held, dueAt, isTaken, retryAt }: ModelLane): "yes" | "no" | "maybe" {
  const { now, slack } = model;
  if (!queue.length) return "no";
  if (!held) return dueAt <= now ? "yes" : dueAt - slack <= now ? "maybe" : "no";
  if (isTaken) {
    const at = held.until + delayAfter(queue[0]!.attempts);
    return at <= now ? "yes" : at - slack <= now ? "maybe" : "no";
  }
  if (held.until <= now && retryAt <= now && (dueAt <= now || !held.isLoose)) return "yes";
  return held.isLoose || isOver(model, held) ? "maybe" : "no";
}

/** No other has waited longer. */
function checkOrder(model: Model, given: readonly ModelLane[], others: readonly ModelLane[]): void {
  if (model.slack) return;
  const isKnown = ({ held, isDueAtExact }: ModelLane) => !held && isDueAtExact;
  const last = Math.max(...given.filter(isKnown).map(({ dueAt }) => dueAt));
  for (const { id, dueAt } of others.filter(isKnown)) assert.ok(dueAt >= last, `lane ${id} has waited longer`);
}

/** Expired leases of lanes that weren't leased again may be noticed, or not yet. */
async function notice(model: Model, real: Real, lanes: readonly ModelLane[]): Promise<void> {
  for (const lane of lanes) {
    const { held, isTaken, queue: [first] } = lane;
    if (!held || !isTaken || !isOver(model, held)) continue;
    const found = await real.inboxes[0]!.show(first!.id);
    if (found?.failures.length === first!.failures.length) continue;
    lose(model, lane);
    lane.dueAt = held.until + delayAfter(first!.attempts);
    lane.isDueAtExact = false;
    lane.held = undefined;
  }
}

/** The attempt that the lease ran never ended. */
function lose(model: Model, lane: ModelLane): void {
  const first = lane.queue[0]!;
  lane.isTaken = false;
  first.unfinished++;
  fail(model, first, NEVER_ENDED);
}

function give(model: Model, worker: number, given: Lease): void {
  assert.ok(!model.tokens.has(given.token), "each lease has a token of its own");
  model.tokens.add(given.token);
  const lane = model.lanes.get(given.lane)!;
  if (lane.isTaken) lose(model, lane);
  const until = model.now + LEASE_MS;
  lane.held = { worker, lease: given, until, work: undefined, old: undefined, isLoose: false, isRefused: false };
  model.held.push(lane.held);
  // Those lost long ago tell nothing new.
  const lost = heldOf(model, true);
  if (lost.length > 4) model.held = model.held.filter((held) => held !== lost[0]);
}

export const renew: fc.Arbitrary<ModelCommand> = fc.tuple(fc.nat(2), fc.boolean()).map(([worker, isLost]) => {
  const heldBy = (model: Model) =>
    (isLost ? model.held : heldOf(model, false)).filter((held) => held.worker === worker);
  return command("renew", async (model, real, say) => {
    const all = heldBy(model);
    say(`${WORKERS[worker]} ${all.map(({ lease }) => `lane ${lease.lane}`).join(", ")}`);
    const lost = await real.inboxes[worker]!.renew(all.map(({ lease }) => ({ ...lease })), LEASE_MS);
    for (const held of all) {
      const status = statusOf(model, held);
      const isKept = !lost.some(({ token }) => token === held.lease.token);
      if (!isKept) say(`(lane ${held.lease.lane} lost)`);
      if (status === "held") assert.ok(isKept, "a lease that holds was refused");
      // Given back, because nothing was pending: the inbox tells it as kept.
      if (status === "lost") assert.ok(!isKept || held.isLoose, "a lost lease should be refused");
      else if (!isKept) refuse(model, held);
      else held.until = model.now + LEASE_MS;
    }
  }, (model) => heldBy(model).length > 0);
});

export const release: fc.Arbitrary<ModelCommand> = fc.tuple(fc.nat(5), fc.integer({ min: 0, max: 5 })).map((
  [of, lost],
) => {
  const isLost = lost === 0;
  return command("release", async (model, real, say) => {
    const held = pick(heldOf(model, isLost), of);
    say(describe(held));
    await real.inboxes[held.worker]!.release({ ...held.lease });
    const lane = model.lanes.get(held.lease.lane)!;
    held.work = undefined;
    if (lane.held !== held) return;
    lane.held = undefined;
    lane.isTaken = false;
    lane.dueAt = Math.max(model.now, held.isLoose ? lane.dueAt : lane.retryAt);
    lane.isDueAtExact = !held.isLoose && !isOver(model, held);
  }, (model) => heldOf(model, isLost).length > 0);
});
