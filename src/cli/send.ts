import type { Command } from "commander";
import process from "node:process";
import { optionError } from "../errors.ts";
import { parseCallbackUrl } from "./options/callback_url.ts";
import { inboxSetting } from "./options/inbox_url.ts";
import { print } from "./terminal/print.ts";
import { createProgress } from "./terminal/progress.ts";
import { readInput } from "./terminal/read_input.ts";
import { sampleChallenge, sampleEvents, sampleStatus } from "./send/sample_body.ts";
import { send, type Target } from "./send/sending.ts";
import { createTally, toJson, toText } from "./send/report.ts";
import { durationSetting } from "./options/duration.ts";
import { flag, setting, smartsheetId, text, wholeNumber } from "./options/setting.ts";
import { readSigningSecrets } from "./secrets/signing_secret.ts";

interface SendOptions {
  readonly webhookId?: number;
  readonly sheetId: number;
  readonly events: number;
  readonly status?: string;
  readonly challenge?: boolean;
  readonly count: number;
  readonly timeout: number;
  readonly inbox: string;
  readonly json?: boolean;
}

const SAMPLE_WEBHOOK_ID = 2674017481058180;

/** `sheethook send <url> [file]` */
export function addSend(program: Command): void {
  program.command("send")
    .description("Send a signed callback to a URL, and report how Smartsheet would treat the answer.")
    .argument("<url>", "the URL of the receiver")
    .argument("[file]", "a body, sent byte for byte; - for stdin; without it, a sample")
    .addOption(
      setting(
        "--webhook-id <id>",
        "webhook of the body and the secret (default: the one stored last)",
        "SHEETHOOK_WEBHOOK_ID",
        smartsheetId,
      ),
    )
    .addOption(setting("--sheet-id <id>", "sheet of the body", "SHEETHOOK_SHEET_ID", smartsheetId, 4509506114742148))
    .addOption(setting("--events <n>", "events in the body", "SHEETHOOK_SEND_EVENTS", wholeNumber(1, 100_000), 3))
    .addOption(setting("--status <status>", "send a status callback", "SHEETHOOK_SEND_STATUS", text))
    .addOption(flag("--challenge", "send a challenge", "SHEETHOOK_SEND_CHALLENGE"))
    .addOption(
      setting("--count <n>", "callbacks to send, one after another", "SHEETHOOK_SEND_COUNT", wholeNumber(1, 1e6), 1),
    )
    .addOption(
      durationSetting("--timeout", "wait this long for an answer", "SHEETHOOK_SEND_TIMEOUT", "1ms", "1h", "10s"),
    )
    .addOption(inboxSetting())
    .addOption(flag("--json", "print JSON, one line for each answer", "SHEETHOOK_JSON"))
    .addHelpText("after", HELP)
    .action(runSend);
}

async function runSend(url: string, file: string | undefined, options: SendOptions): Promise<void> {
  const kinds = [file && "a file", options.status && "--status", options.challenge && "--challenge"].filter(Boolean);
  if (kinds.length > 1) {
    throw optionError("What to send", kinds.join(" and "), "one of a file, --status and --challenge");
  }

  const { webhookId, timeout: timeoutMs, count, json } = options;
  const secrets = await readSigningSecrets(options.inbox);
  const target: Target = { url: parseCallbackUrl(url), timeoutMs, webhookId, secrets };
  const fromFile = file === undefined ? undefined : await readInput(file);

  const tally = createTally();
  const progress = createProgress();
  for (let done = 0; done < count; done++) {
    const body = fromFile ?? new TextEncoder().encode(makeBody(options, secrets.lastWebhookId));
    const sending = await send(body, target).catch((cause) => {
      if (done) throw new Error(`${cause.message}; before that, ${done} of ${count} were answered`, { cause });
      throw cause;
    });
    if (!sending.verdict.ok) process.exitCode = 1;
    if (json) print(toJson(sending));
    else if (count === 1) print(toText(sending));
    tally.add(sending);
    if (done + 1 < count) progress(`${done + 1} of ${count} sent`);
  }
  if (!json && count > 1) print(tally.text());
}

function makeBody(options: SendOptions, lastWebhookId: number | undefined): string {
  const webhookId = options.webhookId ?? lastWebhookId ?? SAMPLE_WEBHOOK_ID;
  const sample = { webhookId, sheetId: options.sheetId };
  if (options.challenge) return sampleChallenge(sample, crypto.randomUUID());
  return options.status ? sampleStatus(sample, options.status) : sampleEvents(sample, options.events);
}

const HELP = `
The secret is never an argument: it is the first one in SHEETHOOK_SECRET, else
the webhook's in the secrets file (SHEETHOOK_SECRETS_FILE, default:
sheethook.secrets.json), or in the Postgres inbox if SHEETHOOK_SECRETS_KEY is
set. A body that is a challenge is sent as one, unsigned.
Exit code 0 only if each answer is 200 (and a challenge was returned). Redirects
are not followed: Smartsheet doesn't document that it follows them.

Examples:
  SHEETHOOK_SECRET=... sheethook send http://localhost:8000/webhook
  sheethook send http://localhost:8000/webhook body.json
  sheethook send https://hooks.example.com/webhook --challenge
  sheethook send http://localhost:8000/webhook --status DISABLED_BY_OWNER
  sheethook send http://localhost:8000/webhook --events 1000 --count 50 --json`;
