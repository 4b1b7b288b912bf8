import type { Command } from "commander";
import type { DoctorOptions } from "./doctor/run.ts";
import { inboxSetting } from "./inbox/file.ts";
import { durationSetting, flag, setting, smartsheetId } from "./options/setting.ts";
import { API_HELP } from "./options/smartsheet_api.ts";

/** `sheethook doctor [url]` */
export function addDoctor(program: Command): void {
  program.command("doctor")
    .description(
      "Call a receiver as Smartsheet would, or look at the account's webhooks, and tell what is wrong and what to do.",
    )
    .argument("[url]", "the callback URL, as Smartsheet is given it; without one, the account's webhooks")
    .addOption(setting("--webhook-id <id>", "a webhook of the receiver's", "SHEETHOOK_WEBHOOK_ID", smartsheetId))
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
Without a URL: the status of each webhook of the account, the way back, when it was last called, and whether the
its secret is stored here.

With one, any receiver can be called, ours or not. It is sent challenges, a status callback (ENABLED), and event
callbacks that are signed, wrongly signed, unsigned and large. Their events are of the type doctor.checked, on a sheet
with the id 1. A sheethook stores them, calls no handler for them (their nonces begin with doctor-), and forgets them.
What it refuses is logged as ever; the header Sheethook-Doctor marks each request.

The secret is never an argument: it is the first one in SHEETHOOK_SECRET, else that of the webhook in the file
SHEETHOOK_SECRETS_FILE (default: sheethook.secrets.json), or in the Postgres inbox if SHEETHOOK_SECRETS_KEY
is set. Without one, what needs a signature is told as unchecked.
Exit code 0 if nothing is wrong, 1 if there is an error.
${API_HELP}

Examples:
  sheethook doctor
  SHEETHOOK_SECRET=... sheethook doctor https://hooks.example.com/webhook --webhook-id 2674017481058180
  sheethook doctor http://localhost:8000/webhook --local
  sheethook doctor https://hooks.example.com/webhook --json`;
