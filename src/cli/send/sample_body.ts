import { PROBE_NONCE_PREFIX } from "../../callback/probe.ts";

/** The ids in a sample body. */
export interface Sample {
  readonly webhookId: number;
  readonly sheetId: number;
}

const USER_ID = 9007194052434043;

/**
 * An event callback as for an edit in the grid: the sheet, then rows and their cells in turn, all in the same second. Each
 * callback has its own nonce.
 */
export function sampleEvents(sample: Sample, count: number, now: Date = new Date()): string {
  const timestamp = toSmartsheetTime(now, true);
  const events = Array.from({ length: count }, (_, index) => ({
    ...sampleObject(sample.sheetId, index),
    userId: USER_ID,
    timestamp,
  }));
  return JSON.stringify({ ...envelope(sample, now), events });
}

/** A status callback. */
export function sampleStatus(sample: Sample, newWebhookStatus: string, now: Date = new Date()): string {
  return JSON.stringify({ ...envelope(sample, now), newWebhookStatus });
}

/** The body of a challenge. */
export function sampleChallenge({ webhookId }: Sample, challenge: string): string {
  return JSON.stringify({ challenge, webhookId });
}

function envelope({ webhookId, sheetId }: Sample, now: Date, prefix = ""): Record<string, unknown> {
  return {
    nonce: `${prefix}${crypto.randomUUID()}`,
    timestamp: toSmartsheetTime(now, false),
    webhookId,
    scope: "sheet",
    scopeObjectId: sheetId,
  };
}

function sampleObject(sheetId: number, index: number): Record<string, unknown> {
  if (index === 0) return { objectType: "sheet", eventType: "updated", id: sheetId };
  const rowId = 7129509179746180 + Math.floor((index - 1) / 2);
  return index % 2
    ? { objectType: "row", eventType: "created", id: rowId }
    : { objectType: "cell", eventType: "updated", rowId, columnId: 2477271520333700 };
}

function toSmartsheetTime(time: Date, wholeSeconds: boolean): string {
  const iso = time.toISOString();
  return `${wholeSeconds ? `${iso.slice(0, 19)}.000` : iso.slice(0, 23)}+00:00`;
}

/** A status callback of `doctor`. */
export function doctorStatus(sample: Sample, newWebhookStatus: string, now: Date = new Date()): string {
  return JSON.stringify({ ...envelope(sample, now, PROBE_NONCE_PREFIX), newWebhookStatus });
}

/** An event callback of `doctor`; each event is as long as a cell's. */
export function doctorEvents(sample: Sample, count: number, now: Date = new Date()): string {
  const event = { objectType: "doctor", eventType: "checked", id: 7129509179746180, userId: USER_ID };
  const filled = { ...event, timestamp: toSmartsheetTime(now, true), note: "sheethook doctor" };
  return JSON.stringify({
    ...envelope(sample, now, PROBE_NONCE_PREFIX),
    events: Array.from({ length: count }, () => filled),
  });
}
