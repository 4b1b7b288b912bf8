import type { Random } from "../soak/random.ts";
import type { Owner, VirtualTime } from "./virtual_time.ts";

/** A process of the simulation: what it asks of the world takes time, and it may be dead before the answer comes. */
export interface Process {
  readonly name: string;
  readonly owner: Owner;
  /**
   * Asks the world: it may be killed before `ask` runs, or before it hears of the result. What has begun goes on without it.
   *
   * @param what names the place, for the history
   */
  gate<Result>(what: string, ask: () => Result | Promise<Result>): Promise<Result>;
  kill(where?: string): void;
}

/**
 * Makes a process. Between two gates it waits for nothing that takes time, so a kill at a gate is as good as one at any `await`
 * since the gate before: nothing outside of it can tell them apart.
 */
export function createProcess({ name, time, random, killChance, onGate, onKilled }: {
  readonly name: string;
  readonly time: VirtualTime;
  readonly random: Random;
  /** The chance of a kill at each place where it waits. */
  readonly killChance: () => number;
  /** May throw, instead of asking. */
  readonly onGate: (what: string) => void;
  readonly onKilled: (where: string) => void;
}): Process {
  const owner: Owner = { state: "runs" };

  function kill(where = "from outside"): void {
    if (owner.state === "dead") return;
    owner.state = "dead";
    onKilled(where);
  }

  function mayDie(where: string): void {
    const chance = killChance();
    if (chance && owner.state === "runs" && random.chance(chance)) kill(where);
  }

  /** Never resolves in a dead process; in one that stands still, once it goes on. */
  function wait(ms: number): Promise<void> {
    return new Promise((resolve) => time.runAs(owner, () => setTimeout(resolve, ms)));
  }

  const latency = () => random.chance(0.95) ? random.next() * 3 : random.next() * 300;

  return {
    name,
    owner,
    async gate(what, ask) {
      mayDie(`before ${what}`);
      if (owner.state !== "runs" || random.chance(0.3)) await wait(latency());
      onGate(what);
      // The world goes on, whatever becomes of the process.
      const settled = await time.runAs(undefined, async () => {
        try {
          return { value: await ask() };
        } catch (error) {
          return { error };
        }
      });
      mayDie(`behind ${what}`);
      await wait(latency());
      if ("error" in settled) throw settled.error;
      return settled.value;
    },
    kill,
  };
}
