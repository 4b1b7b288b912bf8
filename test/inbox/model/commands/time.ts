// Time passes, the clock is set back, a process starts again.
import fc from "fast-check";
import { command, type ModelCommand, WORKERS } from "../command.ts";
import { LEASE_MS } from "../state.ts";

const HOUR = 3_600_000;

export const wait: fc.Arbitrary<ModelCommand> = fc.constantFrom(
  1,
  1,
  999,
  1000,
  4000,
  LEASE_MS - 1,
  LEASE_MS,
  LEASE_MS + 1000,
  2 * HOUR,
  8 * 24 * HOUR,
).map((ms) =>
  command(`wait ${ms} ms`, async (model, { clock }) => {
    clock.elapsed += ms;
    model.now = clock.now += ms;
  })
);

/** Steps under a second aren't followed. */
export const setBack: fc.Arbitrary<ModelCommand> = fc.constantFrom(1000, LEASE_MS, HOUR).map((ms) =>
  command(`set the clock back by ${ms} ms`, async (model, { clock, setBack }) => {
    model.now = clock.now -= ms;
    if (setBack === "moves") model.slack += ms;
  })
);

export const reopen: fc.Arbitrary<ModelCommand> = fc.nat(2).map((worker) =>
  command("reopen", async (_, { reopen }, say) => {
    say(WORKERS[worker]!);
    await reopen!(worker);
  })
);
