import { checkAddress, checkUrl } from "./address.ts";
import { checkBodyLimit, checkSigned, checkTimes, checkUnsigned } from "./callbacks.ts";
import { checkCertificate } from "./certificate.ts";
import { checkChallenge, checkForeignWebhook, checkGet, checkSlash, type Patient } from "./challenge.ts";
import { createProbes } from "./probes.ts";
import { type Finding, unchecked } from "./finding.ts";

/** What {@linkcode examineUrl} examines, and how. */
export interface Examination {
  readonly url: URL;
  /** Its webhook; undefined if it isn't known. */
  readonly webhookId: number | undefined;
  readonly secret: string | undefined;
  readonly timeoutMs: number;
  /** Leaves out what only matters to callers from the internet. */
  readonly local: boolean;
  /** Is told each finding as soon as there is one. */
  readonly tell: (finding: Finding) => void;
}

/** Any id that isn't a webhook of the receiver's. */
const MADE_UP_ID = 2674017481058180;
const FOREIGN_ID = 3863912837211012;

/** Looks at a callback URL from outside, whatever receiver is behind it. @returns everything that it has told */
export async function examineUrl({ url, webhookId, secret, timeoutMs, local, tell }: Examination): Promise<Finding[]> {
  const found: Finding[] = [];
  const add = (findings: readonly Finding[]) => {
    for (const finding of findings) {
      found.push(finding);
      tell(finding);
    }
  };

  if (!local) add([...checkUrl(url), await checkAddress(url)]);
  const patient: Patient = {
    url,
    webhookId: webhookId ?? MADE_UP_ID,
    isOwnId: webhookId !== undefined,
    hasSecret: secret !== undefined,
  };
  const probes = createProbes(url, { webhookId: patient.webhookId, secret, timeoutMs });
  const stops: readonly (() => Promise<Finding[]>)[] = [
    ...(url.protocol === "https:" ? [() => checkCertificate(url, timeoutMs)] : []),
    () => checkChallenge(probes, patient),
  ];
  for (const check of stops) {
    const findings = await check();
    add(findings);
    // Nobody there, or somebody else: what follows would only repeat it.
    if (findings.some(({ check }) => check === "connection" || check === "redirect")) {
      add([unchecked("callbacks", "No callback was sent", "fix that first")]);
      return found;
    }
  }
  add(await checkSlash(probes, patient));
  if (webhookId !== undefined) add(await checkForeignWebhook(probes, FOREIGN_ID));
  add(await checkGet(probes));
  const signed = await checkSigned(probes, patient);
  add(signed);
  add(await checkUnsigned(probes, patient));
  const isTaken = signed.every(({ severity }) => severity === "ok" || severity === "unchecked");
  if (isTaken) add(await checkBodyLimit(probes, patient));
  add(checkTimes(probes));
  return found;
}
