import type { Inbox } from "../../src/inbox/inbox.ts";
import type { Process } from "./process.ts";
import type { VirtualTime } from "./virtual_time.ts";

const CALLS = ["put", "lease", "renew", "release", "take", "finish", "saveProgress", "saveStep", "check"] as const;

const MIRROR_CALLS = [
  ...["sheet", "rows", "rowsAfter", "write", "derive", "changesOf", "waiting", "toldSince", "sheets", "drop"] as const,
];

/** Those that write, and fail on a full disk. */
export const WRITES: ReadonlySet<string> = new Set([
  ...["put", "lease", "renew", "take", "finish", "saveProgress", "saveStep", "check"],
  ...["write", "derive"],
]);

/** An inbox as one process has it: each call is a place at which it may die. */
export function gateInbox(inbox: Inbox, process: Process, time: VirtualTime): Inbox {
  return {
    ...gateAll(inbox, process, CALLS),
    mirror: gateAll(inbox.mirror, process, MIRROR_CALLS),
    async wait(signal) {
      await inbox.wait(signal);
      // A dead process never hears of it.
      await new Promise((resolve) => time.runAs(process.owner, () => setTimeout(resolve, 1)));
    },
    close: async () => {},
  };
}

function gateAll<Target extends object, Name extends keyof Target & string>(
  target: Target,
  { gate }: Process,
  names: readonly Name[],
): Pick<Target, Name> {
  const gated = names.map((name) => {
    const call = (target[name] as (...args: unknown[]) => Promise<unknown>).bind(target);
    return [name, (...args: unknown[]) => gate(name, () => call(...args))];
  });
  return Object.fromEntries(gated) as Pick<Target, Name>;
}
