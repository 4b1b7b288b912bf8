import type { Command } from "commander";
import process from "node:process";
import { parseCallbackUrl } from "./deliver.ts";
import { examineUrl } from "./doctor_url.ts";
import { type Finding, findingText, summaryText } from "./finding.ts";
import { durationSetting, flag, setting, smartsheetId } from "./setting.ts";
import { secretPlaces } from "./secrets.ts";
import { readSigningSecrets } from "./signing_secret.ts";

interface DoctorOptions {
  readonly webhookId?: number;
  readonly local?: boolean;
  readonly timeout: number;
  readonly json?: boolean;
}

/** `sheethook doctor [url]` */
export function addDoctor(program: Command): void {
  program.command("doctor")
    .description("Call a receiver as Smartsheet would, and tell what is wrong with it and what to do.")
    .argument("<url>", "the callback URL, as Smartsheet is given it")
    .addOption(setting("--webhook-id <id>", "a webhook of the receiver's", "SHEETHOOK_WEBHOOK_ID", smartsheetId))
    .addOption(flag("--local", "allow http, any port, a private address", "SHEETHOOK_DOCTOR_LOCAL"))
    .addOption(
      durationSetting("--timeout", "wait this long for each answer", "SHEETHOOK_DOCTOR_TIMEOUT", "100ms", "1h", "10s"),
    )
    .addOption(flag("--json", "print one JSON object", "SHEETHOOK_JSON"))
    .addHelpText("after", HELP)
    .action(runDoctor);
}

async function runDoctor(text: string, options: DoctorOptions): Promise<void> {
  const url = parseCallbackUrl(text);
  const { json } = options;
  const secrets = readSigningSecrets(secretPlaces());
  const webhookId = options.webhookId ?? secrets.onlyWebhookId;
  const tell = (finding: Finding) => {
    if (!json) process.stdout.write(`${findingText(finding)}\n`);
  };
  const findings = await examineUrl({
    url,
    webhookId,
    secret: secrets.findSecretOf(webhookId),
    timeoutMs: options.timeout,
    local: options.local ?? false,
    tell,
  });
  const isWell = findings.every(({ severity }) => severity !== "error");
  if (!isWell) process.exitCode = 1;
  process.stdout.write(
    json ? `${JSON.stringify({ url: url.href, ok: isWell, findings })}\n` : `${summaryText(findings)}\n`,
  );
}

const HELP = `
Any receiver can be called, ours or not. It is sent challenges, callbacks that are signed, wrongly signed and unsigned,
and large ones; their events are of the type doctor.checked, which no handler but one for *.* sees.

The secret is never an argument: it is the first one in SHEETHOOK_SECRET, else that of the webhook in the file
SHEETHOOK_SECRETS_FILE (default: sheethook.secrets.json). Without one, what needs a signature is told as unchecked.
Exit code 0 if nothing is wrong, 1 if there is an error.

Examples:
  SHEETHOOK_SECRET=... sheethook doctor https://hooks.example.com/webhook --webhook-id 2674017481058180
  sheethook doctor http://localhost:8000/webhook --local
  sheethook doctor https://hooks.example.com/webhook --json`;
