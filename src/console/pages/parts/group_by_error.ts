import { errorKey } from "../../../inbox/error_key.ts";
import type { StoredDeadCall } from "../../../inbox/inspect.ts";

/** Dead calls of one callback that share an error. */
export interface ErrorGroup {
  /** As in `DeadError`. */
  readonly error: string;
  readonly calls: number;
  /** How many of them can be replayed. */
  readonly dead: number;
}

/** The errors, those with the most calls first. */
export function groupByError(calls: readonly StoredDeadCall[]): readonly ErrorGroup[] {
  const keys = new Map<string, string>();
  const groups = new Map<string, { readonly error: string; calls: number; dead: number }>();
  for (const { error: text, state } of calls) {
    // Many calls may share one text.
    const error = keys.get(text) ?? errorKey(text);
    keys.set(text, error);
    const group = groups.get(error) ?? { error, calls: 0, dead: 0 };
    groups.set(error, group);
    group.calls++;
    if (state === "dead") group.dead++;
  }
  return [...groups.values()].sort((one, other) => other.calls - one.calls);
}
