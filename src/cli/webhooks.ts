import type { Command } from "commander";
import { API_HELP } from "./options/smartsheet_api.ts";
import { addApply } from "./webhooks/apply.ts";
import { addCreate } from "./webhooks/create.ts";
import { addDelete } from "./webhooks/delete.ts";
import { addDisable } from "./webhooks/disable.ts";
import { addEnable } from "./webhooks/enable.ts";
import { addList } from "./webhooks/list.ts";
import { addRotate } from "./webhooks/rotate.ts";
import { addWatch } from "./webhooks/watch.ts";

/** `sheethook webhooks list | create | enable | disable | delete | rotate | watch | apply` */
export function addWebhooks(program: Command): void {
  const webhooks = program.command("webhooks")
    .description("Manage the webhooks of an account, while serve answers for them.")
    .addHelpText("after", HELP);
  for (const add of [addList, addCreate, addEnable, addDisable, addDelete, addRotate, addWatch, addApply]) {
    add(webhooks);
  }
}

const HELP = `
Secrets are stored in the secrets file (SHEETHOOK_SECRETS_FILE, default:
sheethook.secrets.json) and never printed. serve should use the same file; it
reads each change by itself.
With SHEETHOOK_SECRETS_KEY they are stored in the Postgres inbox (--inbox)
instead, encrypted, for every machine that uses it. The key is 32 characters or
more, the same for each command on each machine: openssl rand -base64 32
${API_HELP}

Examples:
  sheethook webhooks create 4509506114742148 https://hooks.example.com/webhook
  sheethook webhooks list
  sheethook webhooks rotate 2674017481058180
  sheethook webhooks watch
  sheethook webhooks apply fleet.json --plan
                    one webhook for each sheet of a workspace, and more
  sheethook doctor  why a webhook is disabled, and what to do`;
