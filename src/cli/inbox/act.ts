import type { Command } from "commander";
import process from "node:process";
import type { ActedOn, CallbackState, InspectableInbox } from "../../inbox/inspect.ts";
import { inChunks } from "./in_chunks.ts";
import { confirm, yesFlag } from "../terminal/confirm.ts";
import { countText } from "../terminal/count_text.ts";
import { note, print } from "../terminal/print.ts";
import { usageError } from "../terminal/usage_error.ts";
import { inboxSetting } from "../options/inbox_url.ts";
import { withInbox } from "./file.ts";
import { addFilter, callbackIds, FILTER_HELP, filterOf, type FilterOptions } from "./filter.ts";
import { flag } from "../options/setting.ts";

interface ActOptions extends FilterOptions {
  readonly inbox: string;
  readonly json?: boolean;
  readonly yes?: boolean;
}

/** What `replay` and `discard` do not share. */
interface Action {
  readonly name: "replay" | "discard";
  readonly past: string;
  /** What it can be done to. */
  readonly states: readonly CallbackState[];
  readonly act: (inbox: InspectableInbox, ids: readonly number[]) => Promise<readonly ActedOn[]>;
}

const CHUNK = 500;

const REPLAY: Action = {
  name: "replay",
  past: "replayed",
  states: ["dead", "done", "discarded"],
  act: (inbox, ids) => inbox.replay(ids),
};
const DISCARD: Action = {
  name: "discard",
  past: "discarded",
  states: ["dead", "pending"],
  act: (inbox, ids) => inbox.discard(ids),
};

/** `sheethook inbox replay` */
export function addReplay(inbox: Command): void {
  addAction(inbox, REPLAY, "Run callbacks once more, each at the end of its sheet's queue.")
    .addHelpText("after", REPLAY_HELP)
    .action((ids: readonly number[], options: ActOptions) => run(REPLAY, ids, options));
}

/** `sheethook inbox discard` */
export function addDiscard(inbox: Command): void {
  addAction(inbox, DISCARD, "End callbacks that are pending or dead, for good; what waits behind them goes on.")
    .addOption(yesFlag())
    .addHelpText("after", DISCARD_HELP)
    .action((ids: readonly number[], options: ActOptions) => run(DISCARD, ids, options));
}

function addAction(inbox: Command, { name }: Action, description: string): Command {
  const command = inbox.command(name).description(description)
    .argument("[ids...]", "their numbers, as `inbox list` shows them; or filters instead", callbackIds);
  return addFilter(command, false)
    .addOption(inboxSetting())
    .addOption(flag("--json", "print JSON, one line for each callback", "SHEETHOOK_JSON"));
}

async function run(action: Action, given: readonly number[] | undefined, options: ActOptions): Promise<void> {
  const isByIds = Boolean(given?.length);
  checkChoice(action, isByIds, options);
  const { inbox: url, json, yes } = options;
  await withInbox(url, async (inbox) => {
    // In the order in which they were accepted, which is the one that they run in.
    const ids = isByIds ? given!.toSorted((a, b) => a - b) : (await inbox.find(filterOf(options)!)).toReversed();
    if (action === DISCARD && ids.length) {
      await confirm(
        `Discard ${countText(ids.length, "callback")}? They are not processed then, unless they are replayed.`,
        yes,
      );
    }
    let done = 0;
    let changed = 0;
    if (ids.length) {
      await inChunks(async () => {
        for (const acted of await action.act(inbox, ids.slice(done, done + CHUNK))) {
          if (acted.outcome === "changed") changed++;
          // What a filter has found may have gone on meanwhile.
          else if (isByIds || acted.outcome === "running") refuse(action, acted);
          if (json) print(JSON.stringify(acted));
        }
        done = Math.min(done + CHUNK, ids.length);
        return { text: `${done} of ${ids.length} ${action.past}`, isLast: done === ids.length };
      });
    }
    if (!json) print(`${countText(changed, "callback")} ${action.past}`);
  });
}

function checkChoice({ name, states }: Action, isByIds: boolean, options: ActOptions): void {
  const isByFilter = filterOf(options) !== undefined;
  const example = `--state ${states[0]} --sheet ID`;
  if (isByIds && isByFilter) throw usageError(`inbox ${name} is given ids and filters: it should be one of them`);
  if (!isByIds && !isByFilter) {
    throw usageError(`inbox ${name} needs ids or a filter, e.g. ${example}`);
  }
  if (!isByFilter) return;
  if (!options.state) throw usageError(`inbox ${name} is given filters without --state: it should be ${example}`);
  const wrong = options.state.find((state) => !states.includes(state));
  if (wrong) throw usageError(`inbox ${name} is given --state ${wrong}, but should be some of ${states.join(", ")}`);
}

function refuse({ name, states }: Action, { id, outcome, state }: ActedOn): void {
  process.exitCode = 1;
  const reason = outcome === "unknown"
    ? "there is no such callback: it may have been pruned"
    : outcome === "running"
    ? "an attempt at it is running: try again when it has ended"
    : state === "pending"
    ? "it is pending, so it runs anyway"
    : `it is ${state}, but should be ${states.join(" or ")}`;
  note(`sheethook: Callback ${id} wasn't touched by ${name}: ${reason}`);
}

const ONLY_OPTIONS = "Only arguments and options choose callbacks, never the environment.";

const REPLAY_HELP = `${FILTER_HELP}
${ONLY_OPTIONS}

A dead callback goes on where it failed, with its steps and a fresh count of attempts; a done or discarded one starts
afresh. Handlers see the same idempotencyKey as before. Exit code 1 if one of the ids can't be replayed; the others are.

Examples:
  sheethook inbox replay 17 18
  sheethook inbox replay --state dead --since 12h
  sheethook inbox replay --state done --sheet 4509506114742148 --since 2026-01-31`;

const DISCARD_HELP = `${FILTER_HELP}
${ONLY_OPTIONS}

One that an attempt is running at is left alone. Exit code 1 if one of the ids can't be discarded; the others are.

Examples:
  sheethook inbox discard 17
  sheethook inbox discard --state dead --until 30d --yes
  sheethook inbox discard --state pending --webhook 2674017481058180`;
