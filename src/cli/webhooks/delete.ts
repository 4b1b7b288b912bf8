import type { Command } from "commander";
import { inboxSetting } from "../options/inbox_url.ts";
import { openApi } from "../options/smartsheet_api.ts";
import { type SecretsStore, withSecretsStore } from "../secrets/store.ts";
import { confirm, yesFlag } from "../terminal/confirm.ts";
import { print } from "../terminal/print.ts";
import { addChange, changeEach, type ChangeOptions, webhooksText } from "./change_webhooks.ts";

/** `sheethook webhooks delete` */
export function addDelete(webhooks: Command): void {
  addChange(webhooks, "delete", "Delete webhooks and their stored secrets.")
    .addOption(inboxSetting())
    .addOption(yesFlag())
    .addHelpText("after", HELP)
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
  await confirm(`Delete ${webhooksText(ids)}? That can't be undone.`, yes);
  await changeEach(ids, async (id) => {
    await api.webhooks.delete(id);
    if (known.has(id)) await store.change((secrets) => void secrets.delete(id));
    print(json ? JSON.stringify({ id, deleted: true }) : `webhook ${id} is deleted`);
  });
}

const HELP = `
Examples:
  sheethook webhooks delete 2674017481058180
  sheethook webhooks delete 2674017481058180 --yes`;
