import type { Command } from "commander";
import type { DoctorOptions } from "./doctor/run.ts";
import { inboxSetting } from "./options/inbox_url.ts";
import { durationSetting } from "./options/duration.ts";
import { flag, setting, smartsheetId, text } from "./options/setting.ts";
import { API_HELP } from "./options/smartsheet_api.ts";

/** `sheethook doctor [url]` */
export function addDoctor(program: Command): void {
  program.command("doctor")
    .description(
      "Check a receiver as Smartsheet would call it, or the account's webhooks; report problems and what to do.",
    )
    .argument("[url]", "the callback URL of a webhook; without it, the account's webhooks are checked")
    .addOption(
      setting(
        "--webhook-id <id>",
        "a webhook of the receiver; without a URL: check it alone",
        "SHEETHOOK_WEBHOOK_ID",
        smartsheetId,
      ),
    )
    .addOption(setting("--forward <url>", "try a target of serve --forward instead", "SHEETHOOK_DOCTOR_FORWARD", text))
    .addOption(flag("--local", "allow http, any port, a private address", "SHEETHOOK_DOCTOR_LOCAL"))
    .addOption(
      durationSetting("--timeout", "wait this long for each answer", "SHEETHOOK_DOCTOR_TIMEOUT", "100ms", "1h", "10s"),
    )
    .addOption(inboxSetting())
    .addOption(flag("--json", "print one JSON object", "SHEETHOOK_JSON"))
    .addHelpText("after", HELP)
    .action(async (url: string | undefined, options: DoctorOptions) => {
      const { runDoctor } = await import("./doctor/run.ts");
      await runDoctor(url, options);
    });
}

const HELP = `
Without a URL: the status of each webhook of the account (or of --webhook-id),
how to enable it, when it was last called, and whether its secret is stored
here.

With a URL: any receiver can be checked, sheethook or not. It gets challenges, a
status callback (ENABLED), and event callbacks that are signed, wrongly signed,
unsigned and large, of --webhook-id, else of the webhook that was stored last.
Their events are of the type doctor.checked, on a sheet with the id 1. sheethook
stores them, calls no handler for them (their nonces begin with doctor-), and
deletes them. It logs the requests that it refuses as usual; each request has
the header Sheethook-Doctor.

With --forward: a target of \`serve --forward\` gets a test message of the type
sheethook.test, signed with the secrets in SHEETHOOK_FORWARD_SECRET, and one
with a wrong signature; the answers are explained.

The secret of a webhook is never an argument: it is the first one in
SHEETHOOK_SECRET, else the webhook's in the secrets file
(SHEETHOOK_SECRETS_FILE, default: sheethook.secrets.json), or in the Postgres
inbox if SHEETHOOK_SECRETS_KEY is set. Without one, checks that need a signature
are reported as unchecked.
Exit code 0 if nothing is wrong, 1 if there is an error.
${API_HELP}

Examples:
  sheethook doctor
  sheethook doctor --webhook-id 2674017481058180
  SHEETHOOK_SECRET=... sheethook doctor https://hooks.example.com/webhook \\
    --webhook-id 2674017481058180
  sheethook doctor http://localhost:8000/webhook --local
  sheethook doctor https://hooks.example.com/webhook --json
  SHEETHOOK_FORWARD_SECRET=whsec_... \\
    sheethook doctor --forward https://example.com/smartsheet`;
