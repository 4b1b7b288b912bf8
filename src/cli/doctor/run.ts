import process from "node:process";
import { parseCallbackUrl } from "../options/callback_url.ts";
import { examineWebhooks } from "./account.ts";
import { examineUrl } from "./url.ts";
import { examineTarget } from "./target.ts";
import { forwardSecrets, inForwardWords } from "../options/forward_secrets.ts";
import { usageError } from "../terminal/usage_error.ts";
import { type Finding, findingText, summaryText } from "./finding.ts";
import { stdoutLayout } from "../terminal/paint.ts";
import { print } from "../terminal/print.ts";
import { parseSecrets, secretSources } from "../secrets/secrets.ts";
import { withSecretsStore } from "../secrets/store.ts";
import { readSigningSecrets } from "../secrets/signing_secret.ts";
import { openApi } from "../options/smartsheet_api.ts";

/** The options of `doctor`. Durations are in milliseconds. */
export interface DoctorOptions {
  readonly webhookId?: number;
  /** The URL of a target. */
  readonly forward?: string;
  readonly local?: boolean;
  readonly timeout: number;
  readonly inbox: string;
  readonly json?: boolean;
}

/** Checks a callback URL, or without one the account; the exit code is 1 if there is an error. */
export async function runDoctor(text: string | undefined, options: DoctorOptions): Promise<void> {
  const layout = stdoutLayout();
  const report = (finding: Finding) => {
    if (!options.json) print(findingText(finding, layout));
  };
  const target = options.forward;
  if (text !== undefined && target !== undefined) {
    throw usageError("a callback URL and --forward are given, but it should be one of them");
  }
  const findings = target !== undefined
    ? await runTarget(target, options.timeout, report)
    : text === undefined
    ? await runAccount(options, report)
    : await runUrl(text, options, report);
  const isOk = findings.every(({ severity }) => severity !== "error");
  if (!isOk) process.exitCode = 1;
  const url = text === undefined ? target === undefined ? {} : { forward: target } : { url: text };
  print(options.json ? JSON.stringify({ ...url, ok: isOk, findings }) : summaryText(findings));
}

async function runUrl(
  text: string,
  { timeout: timeoutMs, local = false, ...options }: DoctorOptions,
  report: (finding: Finding) => void,
): Promise<Finding[]> {
  const url = parseCallbackUrl(text);
  const secrets = await readSigningSecrets(options.inbox);
  const webhookId = options.webhookId ?? secrets.lastWebhookId;
  return await examineUrl({ url, webhookId, secret: secrets.findSecretOf(webhookId), timeoutMs, local, report });
}

async function runTarget(
  text: string,
  timeoutMs: number,
  report: (finding: Finding) => void,
): Promise<Finding[]> {
  try {
    return await examineTarget({ text, secrets: forwardSecrets(), timeoutMs, report });
  } catch (error) {
    throw inForwardWords(error);
  }
}

async function runAccount(
  { inbox, webhookId }: DoctorOptions,
  report: (finding: Finding) => void,
): Promise<Finding[]> {
  const { name, stored } = await withSecretsStore(inbox, async (store) => {
    return { name: store.name, stored: await store.read() };
  });
  const inEnvironment = parseSecrets(secretSources().environment).length > 0;
  const webhooks = await Array.fromAsync((await openApi()).webhooks.list());
  const findings = examineWebhooks(webhooks, { name, isStored: (id) => stored.has(id), inEnvironment }, webhookId);
  findings.forEach(report);
  return findings;
}
