import { type Command, Option } from "commander";
import { inboxSetting } from "../options/inbox_url.ts";
import { flag } from "../options/setting.ts";
import { withSecretsStore } from "../secrets/store.ts";
import { yesFlag } from "../terminal/confirm.ts";
import type { ApplySettings } from "./fleet/run_apply.ts";

/** `sheethook webhooks apply` */
export function addApply(webhooks: Command): void {
  webhooks.command("apply")
    .description("Make the webhooks that a fleet file declares: one for each sheet, also of workspaces and folders.")
    .argument("<file>", "the fleet file, JSON")
    .addOption(new Option("--plan", "only say what would be done"))
    .addOption(yesFlag())
    .addOption(inboxSetting())
    .addOption(flag("--json", "print JSON, one line for each sheet", "SHEETHOOK_JSON"))
    .addHelpText("after", HELP)
    .action(async (file: string, options: ApplySettings & { readonly inbox: string }) => {
      const { runApply } = await import("./fleet/run_apply.ts");
      await withSecretsStore(options.inbox, (store) => runApply(store, file, options));
    });
}

const HELP = `
The file, in which $schema is ignored:
  {
    "name": "orders",
    "tokens": {
      "us": { "env": "SMARTSHEET_ACCESS_TOKEN" },
      "eu": { "env": "EU_TOKEN", "region": "eu" }
    },
    "defaults": {
      "token": "us",
      "callbackUrl": "https://hooks.example.com/webhook"
    },
    "entries": [
      {
        "sheets": [4509506114742148],
        "events": ["row.*"],
        "columns": ["Status"]
      },
      { "workspace": 7116448184199044, "except": [1229759569678212] },
      { "folder": 8659473762191236, "token": "eu" }
    ]
  }
It names environment variables, and never holds a token. Workspaces and folders
are followed with all of their folders. serve must run meanwhile, as for
\`webhooks create\`; \`serve --fleet\` does all this itself, and finds new sheets.

A webhook on the same sheet with the same URL and columns is adopted. Those that
were made or adopted are named "sheethook fleet NAME ...", and their secrets are
stored; no other webhook is touched. When a sheet has left the fleet, its
webhook is disabled. What can't be done is named, everything else is done, and
the exit code is 1, also of a plan. It can be stopped, even killed, and run
again.

Examples:
  sheethook webhooks apply fleet.json --plan
  sheethook webhooks apply fleet.json --yes
  sheethook webhooks apply fleet.json --plan --json |
    jq 'select(.action != "none")'`;
