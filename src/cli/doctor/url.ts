import { checkAddress, checkUrl } from "./address.ts";
import { checkBodyLimit, checkSigned, checkTimes, checkUnsigned } from "./callbacks.ts";
import { checkCertificate } from "./certificate.ts";
import { checkChallenge, checkForeignWebhook, checkGet, checkSlash, type Target } from "./challenge.ts";
import { createProbes } from "./probes.ts";
import { type Finding, unchecked } from "./finding.ts";

/** What {@linkcode examineUrl} examines, and how. */
export interface Examination {
  readonly url: URL;
  /** Its webhook; undefined if that is unknown. */
  readonly webhookId: number | undefined;
  readonly secret: string | undefined;
  readonly timeoutMs: number;
  /** Skips the checks that only matter to callers from the internet. */
  readonly local: boolean;
  /** Called with each finding as soon as there is one. */
  readonly report: (finding: Finding) => void;
}

/** Ids that are probably no webhooks of the receiver. */
const SAMPLE_ID = 2674017481058180;
const FOREIGN_ID = 3863912837211012;

/** Checks a callback URL from outside, whatever receiver it has. @returns all findings */
export async function examineUrl(
  { url, webhookId, secret, timeoutMs, local, report }: Examination,
): Promise<Finding[]> {
  const found: Finding[] = [];
  const add = (findings: readonly Finding[]) => {
    for (const finding of findings) {
      found.push(finding);
      report(finding);
    }
  };

  if (!local) add([...checkUrl(url), await checkAddress(url)]);
  const target: Target = {
    url,
    webhookId: webhookId ?? SAMPLE_ID,
    isOwnId: webhookId !== undefined,
    hasSecret: secret !== undefined,
  };
  const probes = createProbes(url, { webhookId: target.webhookId, secret, timeoutMs });
  const stops: readonly (() => Promise<Finding[]>)[] = [
    ...(url.protocol === "https:" ? [() => checkCertificate(url, timeoutMs)] : []),
    () => checkChallenge(probes, target),
  ];
  for (const check of stops) {
    const findings = await check();
    add(findings);
    // Further checks would only repeat this.
    if (findings.some(({ check }) => check === "connection" || check === "redirect")) {
      add([unchecked("callbacks", "No callback was sent", "fix that first")]);
      return found;
    }
  }
  add(await checkSlash(probes, target));
  if (webhookId !== undefined) add(await checkForeignWebhook(probes, FOREIGN_ID));
  add(await checkGet(probes));
  const signed = await checkSigned(probes, target);
  add(signed);
  add(await checkUnsigned(probes, target, signed.some(({ severity }) => severity === "ok")));
  const isTaken = signed.every(({ severity }) => severity === "ok" || severity === "unchecked");
  if (isTaken) add(await checkBodyLimit(probes, target));
  add(checkTimes(probes));
  return found;
}
