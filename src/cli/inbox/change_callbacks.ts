import type { Command } from "commander";
import process from "node:process";
import type { ActedOn, CallbackState, InspectableInbox } from "../../inbox/inspect.ts";
import { inboxSetting } from "../options/inbox_url.ts";
import { flag } from "../options/setting.ts";
import { confirm } from "../terminal/confirm.ts";
import { countText } from "../terminal/count_text.ts";
import { note, print } from "../terminal/print.ts";
import { usageError } from "../terminal/usage_error.ts";
import { addFilter, callbackIds, FILTER_HELP, filterOf, type FilterOptions } from "./filter.ts";
import { inChunks } from "./in_chunks.ts";
import { withInbox } from "./with_inbox.ts";

/** What `replay` and `discard` do not share. */
export interface Change {
  readonly name: "replay" | "discard";
  readonly past: string;
  /** The states of callbacks that it applies to. */
  readonly states: readonly CallbackState[];
  readonly apply: (inbox: InspectableInbox, ids: readonly number[]) => Promise<readonly ActedOn[]>;
  /** What a person is asked first; without it, nobody is. */
  readonly question?: (count: string) => string;
}

/** The options of `replay` and `discard`. */
export interface ChangeOptions extends FilterOptions {
  readonly inbox: string;
  readonly json?: boolean;
  readonly yes?: boolean;
}

const CHUNK = 500;

/** What the help of both says first. */
export const CHANGE_HELP = `${FILTER_HELP}
Only arguments and options choose callbacks, never the environment.`;

/** Adds the command of a change, without its help. */
export function addChange(inbox: Command, change: Change, description: string): Command {
  const command = inbox.command(change.name).description(description)
    .argument("[ids...]", "their numbers, as `inbox list` shows them; or filters instead", callbackIds);
  return addFilter(command, false)
    .addOption(inboxSetting())
    .addOption(flag("--json", "print JSON, one line for each callback", "SHEETHOOK_JSON"))
    .action((ids: readonly number[] | undefined, options: ChangeOptions) =>
      changeCallbacks(change, ids ?? [], options)
    );
}

async function changeCallbacks(change: Change, given: readonly number[], options: ChangeOptions): Promise<void> {
  const isByIds = given.length > 0;
  checkChoice(change, isByIds, options);
  const { inbox: url, json, yes } = options;
  await withInbox(url, async (inbox) => {
    // In the order in which they were accepted, which is the order that they run in.
    const ids = isByIds ? given.toSorted((a, b) => a - b) : (await inbox.find(filterOf(options)!)).toReversed();
    if (change.question && ids.length) await confirm(change.question(countText(ids.length, "callback")), yes);
    let processed = 0;
    let changed = 0;
    if (ids.length) {
      await inChunks(async () => {
        for (const acted of await change.apply(inbox, ids.slice(processed, processed + CHUNK))) {
          if (acted.outcome === "changed") changed++;
          // A callback that a filter found may have changed its state meanwhile: that is no failure.
          else if (isByIds || acted.outcome === "running") noteUnchanged(change, acted);
          if (json) print(JSON.stringify(acted));
        }
        processed = Math.min(processed + CHUNK, ids.length);
        return { text: `${processed} of ${ids.length} ${change.past}`, isLast: processed === ids.length };
      });
    }
    if (!json) print(`${countText(changed, "callback")} ${change.past}`);
  });
}

function checkChoice({ name, states }: Change, isByIds: boolean, options: ChangeOptions): void {
  const isByFilter = filterOf(options) !== undefined;
  const example = `--state ${states[0]} --sheet ID`;
  if (isByIds && isByFilter) throw usageError(`inbox ${name} is given ids and filters: it should be one of them`);
  if (!isByIds && !isByFilter) throw usageError(`inbox ${name} needs ids or a filter, e.g. ${example}`);
  if (!isByFilter) return;
  if (!options.state) throw usageError(`inbox ${name} is given filters without --state: it should be ${example}`);
  const wrong = options.state.find((state) => !states.includes(state));
  if (wrong) throw usageError(`inbox ${name} is given --state ${wrong}, but should be some of ${states.join(", ")}`);
}

function noteUnchanged({ name, states }: Change, { id, outcome, state }: ActedOn): void {
  process.exitCode = 1;
  const reason = outcome === "unknown"
    ? "there is no such callback: it may have been pruned"
    : outcome === "running"
    ? "an attempt is running: try again when it has ended"
    : state === "pending"
    ? "it is pending, so it runs anyway"
    : `it is ${state}, but should be ${states.join(" or ")}`;
  note(`sheethook: Callback ${id} wasn't touched by ${name}: ${reason}`);
}
