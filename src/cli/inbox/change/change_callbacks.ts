import { type Command, InvalidArgumentError } from "commander";
import { inboxSetting } from "../../options/inbox_url.ts";
import { flag, NO_VARIABLE, setting } from "../../options/setting.ts";
import { confirm } from "../../terminal/confirm.ts";
import { countText } from "../../terminal/count_text.ts";
import { print } from "../../terminal/print.ts";
import { type Change, type ChangeOptions, checkChoice, pickOf } from "./change.ts";
import { planReplays } from "./dry_run.ts";
import { addFilter, callbackIds, FILTER_HELP, filterOf } from "../filter.ts";
import { inChunks } from "../in_chunks.ts";
import { createUnchangedLog } from "./unchanged.ts";
import { withInbox } from "../../options/with_inbox.ts";

const CHUNK = 500;

/** What the help of all of them says first. */
export const CHANGE_HELP = `${FILTER_HELP}
Only arguments and options choose callbacks, never the environment.`;

/** Adds the command of a change, without its help. */
export function addChange(inbox: Command, change: Change, description: string): Command {
  const command = inbox.command(change.name).description(description)
    .argument("[ids...]", "their numbers, as `inbox list` shows them; or filters instead", callbackIds);
  addFilter(command, false);
  if (change.hasPick) {
    command.addOption(
      setting("--call <n>", "only this dead call of one callback (several: commas)", NO_VARIABLE, calls),
    );
  }
  return command
    .addOption(inboxSetting())
    .addOption(flag("--json", "print JSON, one line for each callback", "SHEETHOOK_JSON"))
    .action((ids: readonly number[] | undefined, options: ChangeOptions) =>
      changeCallbacks(change, ids ?? [], options)
    );
}

/** The numbers of dead calls, each once. */
function calls(value: string, before: readonly number[] = []): number[] {
  const numbers = value.split(",").map((item) => /^\s*[1-9]\d{0,8}\s*$/.test(item) ? Number(item) : NaN);
  if (!numbers.some(Number.isNaN)) return [...new Set([...before, ...numbers])];
  throw new InvalidArgumentError("It should be the number of a dead call, from 1, as `inbox show` shows it.");
}

async function changeCallbacks(change: Change, given: readonly number[], options: ChangeOptions): Promise<void> {
  checkChoice(change, given, options);
  const { inbox: url, dryRun, json, yes } = options;
  const pick = pickOf(change, options);
  await withInbox(url, async (inbox) => {
    // In the order in which they were accepted, which is the order that they run in.
    const ids = given.length ? given.toSorted((a, b) => a - b) : (await inbox.find(filterOf(options)!)).toReversed();
    const log = createUnchangedLog(change, inbox, pick, given.length > 0);
    if (dryRun) return await planReplays(inbox, ids, pick, json, log);
    if (change.question && ids.length) await confirm(change.question(countText(ids.length, "callback"), pick), yes);
    let processed = 0;
    let changed = 0;
    let calls = 0;
    if (ids.length) {
      await inChunks(async () => {
        for (const acted of await change.apply(inbox, ids.slice(processed, processed + CHUNK), pick)) {
          await log(acted);
          const isChanged = acted.outcome === "changed";
          const followed = isChanged ? await change.follow?.(inbox, acted) : undefined;
          if (json) print(JSON.stringify({ ...acted, ...followed?.json }));
          else if (followed) print(followed.text);
          if (!isChanged) continue;
          changed++;
          calls += acted.calls;
        }
        processed = Math.min(processed + CHUNK, ids.length);
        return { text: `${processed} of ${ids.length} ${change.past}`, isLast: processed === ids.length };
      });
    }
    const of = calls ? `: ${countText(calls, "dead call")}` : "";
    if (!json) print(`${countText(changed, "callback")} ${change.past}${of}`);
  });
}
