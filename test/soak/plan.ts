import type { Ending, Role } from "./crew.ts";
import type { Random } from "./random.ts";

const CREWS: readonly (readonly Role[])[] = [["all"], ["all"], ["all"], ["all", "work"], ["receive", "work"]];

/** Who works in a round, and how each of them ends. */
export function planRound(
  random: Random,
  roundMs: number,
  waitsUntilReady: boolean,
): { readonly role: Role; readonly ending: Ending }[] {
  return random.pick(CREWS).map((role) => ({ role, ending: endingOf(random, roundMs, waitsUntilReady) }));
}

function endingOf(random: Random, roundMs: number, waitsUntilReady: boolean): Ending {
  const ms = random.between(200, roundMs);
  const ready = { waitsUntilReady: true };
  return random.pick<Ending>([
    { name: `SIGKILL after ${ms} ms`, ...ready, signals: [[ms, "SIGKILL"]] },
    { name: `SIGKILL after ${ms} ms`, ...ready, signals: [[ms, "SIGKILL"]] },
    { name: `SIGKILL after ${ms} ms`, ...ready, signals: [[ms, "SIGKILL"]] },
    startKill(random.between(0, 1000), waitsUntilReady),
    { name: `SIGTERM after ${ms} ms`, ...ready, signals: [[ms, "SIGTERM"]] },
    stopKill(ms, random.between(0, 400)),
    { name: `SIGTERM twice after ${ms} ms`, ...ready, signals: [[ms, "SIGTERM"], [600, "SIGTERM"]] },
  ]);
}

function startKill(ms: number, waitsUntilReady: boolean): Ending {
  const when = waitsUntilReady ? "when it is ready" : `${ms} ms after its start`;
  return { name: `SIGKILL ${when}`, waitsUntilReady, signals: [[waitsUntilReady ? 0 : ms, "SIGKILL"]] };
}

function stopKill(ms: number, laterMs: number): Ending {
  const signals = [[ms, "SIGTERM"], [laterMs, "SIGKILL"]] as const;
  return { name: `SIGTERM after ${ms} ms, SIGKILL ${laterMs} ms later`, waitsUntilReady: true, signals };
}
