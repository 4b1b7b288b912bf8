import type { ActedOn, CallbackState, CallPick, InspectableInbox } from "../../../inbox/inspect.ts";
import { usageError } from "../../terminal/usage_error.ts";
import { filterOf, type FilterOptions, requireDead } from "../filter.ts";

/** What `replay`, `discard` and `skip` do not share. */
export interface Change {
  readonly name: "replay" | "discard" | "skip";
  readonly past: string;
  /** The states of callbacks that it applies to. */
  readonly states: readonly CallbackState[];
  /** Whether it is about dead calls, so that `--call` and `--error` pick some. */
  readonly hasPick: boolean;
  readonly apply: (inbox: InspectableInbox, ids: readonly number[], pick?: CallPick) => Promise<readonly ActedOn[]>;
  /** What a person is asked first; without it, nobody is. */
  readonly question?: (callbacks: string, pick: CallPick | undefined) => string;
  /** What became of a callback that was changed; without it, only their number is told. */
  readonly follow?: (inbox: InspectableInbox, acted: ActedOn) => Promise<Followed>;
}

/** What became of a callback, for a person and for a program. */
export interface Followed {
  readonly text: string;
  readonly json: object;
}

/** The options of a {@linkcode Change}. */
export interface ChangeOptions extends FilterOptions {
  readonly inbox: string;
  readonly call?: readonly number[];
  readonly dryRun?: boolean;
  readonly json?: boolean;
  readonly yes?: boolean;
}

/** @throws {SheethookError} `option_invalid` unless exactly the ids or the filters choose callbacks that the change applies to */
export function checkChoice(change: Change, ids: readonly number[], options: ChangeOptions): void {
  const { name, states, hasPick } = change;
  const { state, error, call } = options;
  const isByFilter = filterOf(ids.length && hasPick ? { ...options, error: undefined } : options) !== undefined;
  const example = `--state ${states[0]} --sheet ID`;
  if (call && ids.length !== 1) {
    const given = ids.length ? `${ids.length} ids` : "no id";
    throw usageError(
      `inbox ${name} is given --call with ${given}, but should be given one id: each callback numbers its own dead calls`,
    );
  }
  if (ids.length && isByFilter) throw usageError(`inbox ${name} is given ids and filters: it should be one of them`);
  if (!ids.length && !isByFilter) throw usageError(`inbox ${name} needs ids or a filter, e.g. ${example}`);
  if (!isByFilter) return;
  if (error !== undefined) return requireDead(options, "--error");
  if (!state) throw usageError(`inbox ${name} is given filters without --state: it should be ${example}`);
  const wrong = state.find((state) => !states.includes(state));
  if (wrong) throw usageError(`inbox ${name} is given --state ${wrong}, but should be some of ${states.join(", ")}`);
}

/** The dead calls that the options pick; undefined if these pick none in particular. */
export function pickOf({ hasPick }: Change, { call, error }: ChangeOptions): CallPick | undefined {
  return hasPick && (call || error !== undefined) ? { calls: call, error } : undefined;
}
