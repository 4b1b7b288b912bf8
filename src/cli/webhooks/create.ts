import { type Command, InvalidArgumentError } from "commander";
import process from "node:process";
import type { Api, Webhook } from "../../api/api.ts";
import { isPattern, unknownInPattern } from "../../callback/pattern.ts";
import { printable } from "../../text.ts";
import { parseCallbackUrl } from "../options/callback_url.ts";
import { note, print } from "../terminal/print.ts";
import { adviceOnNotEnabled, enableWebhook } from "./enable.ts";
import { inboxSetting } from "../options/inbox_url.ts";
import { flag, setting, smartsheetId, smartsheetIds, text } from "../options/setting.ts";
import { secretSources } from "../secrets/secrets.ts";
import { storeSecrets } from "../secrets/store_secrets.ts";
import { type SecretsStore, withSecretsStore } from "../secrets/store.ts";
import { openApi } from "../options/smartsheet_api.ts";
import { createOnlyWebhook, type DesiredWebhook, findWebhook, keepFirst, sameItems } from "./desired_webhook.ts";
import { webhookJson, webhookText } from "./webhook_text.ts";
import { isSharedSecret } from "../secrets/rotated_secrets.ts";

interface CreateOptions {
  readonly name?: string;
  readonly events?: readonly string[];
  readonly columns?: readonly number[];
  readonly inbox: string;
  readonly json?: boolean;
}

/** `sheethook webhooks create` */
export function addCreate(webhooks: Command): void {
  webhooks.command("create")
    .description("Create a webhook on a sheet, store its secret, and enable it, while serve answers the challenge.")
    .argument("<sheet>", "the sheet's id", smartsheetId)
    .argument("<url>", "the callback URL: https, public")
    .addOption(setting("--name <name>", "its name (default: sheethook)", "SHEETHOOK_WEBHOOK_NAME", text))
    .addOption(
      setting(
        "--events <patterns>",
        "events to send, with commas (default: *.*)",
        "SHEETHOOK_WEBHOOK_EVENTS",
        eventPatterns,
      ),
    )
    .addOption(
      setting("--columns <ids>", "only cells of these columns", "SHEETHOOK_WEBHOOK_COLUMNS", smartsheetIds),
    )
    .addOption(inboxSetting())
    .addOption(flag("--json", "print the webhook as JSON", "SHEETHOOK_JSON"))
    .addHelpText("after", HELP)
    .action((sheetId: number, url: string, options: CreateOptions) =>
      withSecretsStore(options.inbox, (store) => runCreate(store, sheetId, url, options))
    );
}

async function runCreate(store: SecretsStore, sheetId: number, url: string, options: CreateOptions): Promise<void> {
  const { href: callbackUrl } = parseCallbackUrl(url);
  const api = await openApi();
  const { environment } = secretSources();
  const known = await store.requireWritable();

  const desired: DesiredWebhook = { ...options, sheetId, callbackUrl };
  const found = await findWebhook(api, desired, store);
  const webhook = found ?? await createOnlyWebhook(api, desired, store);
  note(found ? `adopted webhook ${webhook.id}: same sheet, URL and columns` : `created webhook ${webhook.id}`);
  if (!known.has(webhook.id)) {
    // The secret is probably in SHEETHOOK_SECRET; resetting it would break that setup.
    if (found?.status === "ENABLED" && environment?.trim() && !isSharedSecret(found.sharedSecret)) {
      note(`the secret of webhook ${webhook.id} should be among those in SHEETHOOK_SECRET: it isn't in ${store.name}`);
    } else {
      await storeSecret(api, webhook, store, found !== undefined);
      if (!found) await keepFirst(api, desired, webhook, store);
    }
  }

  const changed = found ? await applyChanges(api, found, options) : webhook;
  const enabled = changed.status === "ENABLED" ? changed : await enableWebhook(api, webhook.id);
  print(options.json ? webhookJson(enabled, { adopted: found !== undefined }) : webhookText(enabled));
  if (enabled.status === "ENABLED") return;
  process.exitCode = 1;
  note(adviceOnNotEnabled(enabled));
  note(`webhook ${webhook.id} stays as it is: repeat the command to continue from there`);
}

/** Changes the name and the events of a webhook that existed to the given ones. */
async function applyChanges(api: Api, listed: Webhook, { name, events }: CreateOptions): Promise<Webhook> {
  const { id } = listed;
  // A list shows *.* as the events of every webhook.
  const webhook = await api.webhooks.get(id);
  const sent = printable(webhook.events.join());
  const changes = {
    ...(name !== undefined && name !== webhook.name && { name }),
    ...(events && !sameItems(webhook.events, events) && { events }),
  };
  if (!events && !webhook.events.includes("*.*")) {
    note(`webhook ${id} sends ${sent}, as before: --events "*.*" would make it send everything`);
  }
  if (!Object.keys(changes).length) return webhook;
  const changed = await api.webhooks.update(id, changes);
  if (changes.events) note(`webhook ${id} sends ${printable(changed.events.join())} now, instead of ${sent}`);
  if (changes.name) {
    note(`webhook ${id} is named "${printable(changed.name)}" now, instead of "${printable(webhook.name)}"`);
  }
  return changed;
}

async function storeSecret(api: Api, webhook: Webhook, store: SecretsStore, isAdopted: boolean): Promise<void> {
  const { id } = webhook;
  let secret = webhook.sharedSecret;
  if (!isSharedSecret(secret)) {
    secret = await api.webhooks.resetSharedSecret(id);
    if (isAdopted) {
      note(`the secret of webhook ${id} wasn't stored here: it has a new one now, and the old one is invalid`);
    }
  }
  await storeSecrets(store, new Map([[id, secret]]));
  note(`its secret is in ${store.name}, where serve finds it`);
}

function eventPatterns(value: string): string[] {
  const patterns = value.split(",").map((pattern) => pattern.trim());
  if (!patterns.every(isPattern)) {
    throw new InvalidArgumentError("It should be patterns like row.created,cell.*; *.* is everything.");
  }
  const problem = patterns.map(unknownInPattern).find(Boolean);
  if (problem) throw new InvalidArgumentError(`${problem}.`);
  return patterns;
}

const HELP = `
serve must run meanwhile and be reachable at the URL: Smartsheet enables a
webhook once its challenge is answered. serve answers every challenge while it
knows no secret, and then those of webhooks whose secrets it knows.

A webhook that exists (same sheet, URL and columns) is adopted, and its name and
events are changed to the given ones. Its secret is stored before it is enabled,
and never printed: in the secrets file, or with SHEETHOOK_SECRETS_KEY in the
Postgres inbox, for every machine that uses it. If it can't be enabled, the
command prints the reason; repeat it to continue from there.

Examples:
  sheethook webhooks create 4509506114742148 https://hooks.example.com/webhook
  sheethook webhooks create 4509506114742148 https://hooks.example.com/webhook \\
    --events row.created,row.deleted
  sheethook webhooks create 4509506114742148 https://hooks.example.com/webhook \\
    --columns 2477271520333700`;
