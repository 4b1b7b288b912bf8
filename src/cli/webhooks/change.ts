import type { Command } from "commander";
import process from "node:process";
import { ApiError } from "../../api/api_error.ts";
import { messageOf } from "../../errors.ts";
import { adviceOnNotEnabled, enableWebhook } from "../watch/enable.ts";
import { confirm, yesFlag } from "../terminal/confirm.ts";
import { inboxSetting } from "../inbox/file.ts";
import { flag } from "../options/setting.ts";
import { type SecretsStore, withSecretsStore } from "../secrets/store.ts";
import { openApi } from "../options/smartsheet_api.ts";
import { collectIds } from "../options/webhook_ids.ts";
import { webhookJson, webhookText } from "./report.ts";

interface ChangeOptions {
  readonly json?: boolean;
  readonly yes?: boolean;
}

/** `sheethook webhooks enable` */
export function addEnable(webhooks: Command): void {
  addChange(webhooks, "enable", "Enable webhooks, while serve answers their challenges.")
    .addHelpText("after", ENABLE_HELP)
    .action(async (ids: readonly number[], { json }: ChangeOptions) => {
      const api = await openApi();
      await each(ids, async (id) => {
        const webhook = await enableWebhook(api, id, tell);
        print(json ? webhookJson(webhook) : webhookText(webhook));
        if (webhook.status === "ENABLED") return;
        process.exitCode = 1;
        tell(adviceOnNotEnabled(webhook));
      });
    });
}

/** `sheethook webhooks disable` */
export function addDisable(webhooks: Command): void {
  addChange(webhooks, "disable", "Disable webhooks; what happens meanwhile is never sent.")
    .addOption(yesFlag())
    .addHelpText("after", DISABLE_HELP)
    .action(async (ids: readonly number[], { json, yes }: ChangeOptions) => {
      const api = await openApi();
      await confirm(`Disable ${count(ids)}? Events that happen until it is enabled again are never sent.`, yes);
      await each(ids, async (id) => {
        const webhook = await api.webhooks.update(id, { enabled: false });
        print(json ? webhookJson(webhook) : webhookText(webhook));
      });
    });
}

/** `sheethook webhooks delete` */
export function addDelete(webhooks: Command): void {
  addChange(webhooks, "delete", "Delete webhooks, and drop their secrets here.")
    .addOption(inboxSetting())
    .addOption(yesFlag())
    .addHelpText("after", DELETE_HELP)
    .action((ids: readonly number[], options: ChangeOptions & { readonly inbox: string }) =>
      withSecretsStore(options.inbox, (store) => runDelete(store, ids, options))
    );
}

async function runDelete(
  store: SecretsStore,
  ids: readonly number[],
  { json, yes }: ChangeOptions,
): Promise<void> {
  const api = await openApi();
  const known = await store.requireWritable();
  await confirm(`Delete ${count(ids)}? There is no way back.`, yes);
  await each(ids, async (id) => {
    await api.webhooks.delete(id);
    if (known.has(id)) await store.change((secrets) => void secrets.delete(id));
    print(json ? JSON.stringify({ id, deleted: true }) : `webhook ${id} is deleted`);
  });
}

function addChange(webhooks: Command, name: string, description: string): Command {
  return webhooks.command(name).description(description)
    .argument("<ids...>", "the webhooks' ids", collectIds)
    .addOption(flag("--json", "print JSON, one line for each webhook", "SHEETHOOK_JSON"));
}

/** One after another; one that fails doesn't keep the others from their turn. */
async function each(ids: readonly number[], act: (id: number) => Promise<void>): Promise<void> {
  for (const id of ids) {
    try {
      await act(id);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      process.exitCode = 1;
      tell(`sheethook: Webhook ${id} was left as it is: ${messageOf(error)}`);
    }
  }
}

function count(ids: readonly number[]): string {
  return ids.length === 1 ? `webhook ${ids[0]}` : `${ids.length} webhooks`;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}

const ENABLE_HELP = `
Smartsheet answers when it has seen the challenge answered. Exit code 1 if one isn't enabled then, with the reason.

Examples:
  sheethook webhooks enable 2674017481058180`;

const DISABLE_HELP = `
The webhook is DISABLED_BY_OWNER then, which \`webhooks watch\` leaves as it is.

Examples:
  sheethook webhooks disable 2674017481058180
  sheethook webhooks disable 2674017481058180 --yes`;

const DELETE_HELP = `
Examples:
  sheethook webhooks delete 2674017481058180
  sheethook webhooks delete 2674017481058180 --yes`;
