import type { Command } from "commander";
import { signBody } from "../receive/signature.ts";
import { peekBody, readStdin } from "./terminal/read_input.ts";
import { inboxSetting } from "./options/inbox_url.ts";
import { print } from "./terminal/print.ts";
import { flag, setting, smartsheetId } from "./options/setting.ts";
import { SIGNATURE_HEADER } from "../smartsheet/headers.ts";
import { readSigningSecrets } from "./secrets/signing_secret.ts";

/** `sheethook sign` */
export function addSign(program: Command): void {
  program.command("sign")
    .description("Print the signature that Smartsheet gives the body on stdin: lower-case hex.")
    .addOption(setting("--webhook-id <id>", "webhook whose secret signs", "SHEETHOOK_WEBHOOK_ID", smartsheetId))
    .addOption(inboxSetting())
    .addOption(flag("--json", "print the header's name, too, as JSON", "SHEETHOOK_JSON"))
    .addHelpText("after", HELP)
    .action(async ({ webhookId, inbox, json }: { webhookId?: number; inbox: string; json?: boolean }) => {
      const secrets = await readSigningSecrets(inbox);
      const body = await readStdin();
      const inBody = peekBody(body).webhookId;
      const secret = secrets.secretOf(webhookId ?? (typeof inBody === "number" ? inBody : undefined));
      const signature = await signBody(body, secret);
      print(json ? JSON.stringify({ header: SIGNATURE_HEADER, signature }) : signature);
    });
}

const HELP = `
The secret is never an argument: it is the first one in SHEETHOOK_SECRET, else
the webhook's in the secrets file (SHEETHOOK_SECRETS_FILE, default:
sheethook.secrets.json), or in the Postgres inbox if SHEETHOOK_SECRETS_KEY is
set. The webhook is --webhook-id, else the body's webhookId.
The body is signed byte for byte, with the line feed that an editor adds at its
end.

Examples:
  SHEETHOOK_SECRET=... sheethook sign < body.json
  curl http://localhost:8000/webhook -d @body.json \\
    -H "${SIGNATURE_HEADER}: $(sheethook sign < body.json)"`;
