/**
 * `in_process.ts OPTIONS`: compares without a server, on the runtime that runs it, and writes one line of JSON.
 */
import { createWebMiddleware, Webhooks } from "@octokit/webhooks";
import process from "node:process";
import { createReceiver } from "../../mod.ts";
import { sink } from "./contenders/sink.ts";
import { BODY, bodyWithEvents, PATH, SECRET, sign } from "./fixture.ts";
import { type Ratio, ratioOf, rounds } from "./rounds.ts";

/** What `in_process.ts` writes. Rates are bodies per second, costs are microseconds per event. */
export interface InProcess {
  readonly callback: Ratio;
  readonly callbackAlone: Ratio;
  readonly events: Ratio;
  readonly costPerEvent: Ratio;
}

type Fetch = (request: Request) => Promise<Response>;

const { roundCount, roundMs } = JSON.parse(process.argv[2] ?? "{}") as { roundCount: number; roundMs: number };
const quiet = { debug() {}, info() {}, warn() {}, error() {} };

const bytes = new TextEncoder().encode(BODY);
const ours = signedRequest(bytes, { "smartsheet-hmac-sha256": sign(bytes) });
const theirs = signedRequest(bytes, {
  "x-hub-signature-256": `sha256=${sign(bytes)}`,
  "x-github-event": "push",
  "x-github-delivery": "0fcb8d84-f214-49c3-bd91-a7b91661ad6b",
});

const byEvent = createReceiver({ secrets: SECRET, logger: quiet }).on("*.*", sink.onEvent);
const byCallback = createReceiver({ secrets: SECRET, logger: quiet }).onCallback(({ events }) =>
  events.forEach(sink.onEvent)
);
const webhooks = new Webhooks({ secret: SECRET, log: quiet });
webhooks.on("push", ({ payload }) => (payload as unknown as { events: [] }).events.forEach(sink.onEvent));
const octokit: Fetch = createWebMiddleware(webhooks, { path: PATH, log: quiet });

const compared = await rounds({
  octokit: () => perSecond(octokit, theirs, 64),
  callback: () => perSecond(byCallback.fetch, ours, 64),
  events: () => perSecond(byEvent.fetch, ours, 64),
}, roundCount);
const alone = await rounds({
  octokit: () => perSecond(octokit, theirs, 1),
  callback: () => perSecond(byCallback.fetch, ours, 1),
}, roundCount);
const costs = await rounds({ many: () => costPerEvent(6000), few: () => costPerEvent(100) }, roundCount);

const result: InProcess = {
  callback: ratioOf(compared.callback, compared.octokit),
  callbackAlone: ratioOf(alone.callback, alone.octokit),
  events: ratioOf(compared.events, compared.octokit),
  costPerEvent: ratioOf(costs.many, costs.few),
};
console.log(JSON.stringify(result));
process.exit(0);

function signedRequest(body: Uint8Array<ArrayBuffer>, headers: Record<string, string>): () => Request {
  const init = {
    method: "POST",
    headers: { ...headers, "content-type": "application/json", "content-length": String(body.length) },
    body,
  };
  return () => new Request(`http://127.0.0.1${PATH}`, init);
}

/** Answers per second with `inFlight` requests at a time; making the requests isn't counted. */
async function perSecond(fetch: Fetch, request: () => Request, inFlight: number): Promise<number> {
  let answers = 0;
  let ms = 0;
  while (ms < roundMs) {
    const requests = Array.from({ length: 256 }, request);
    const startedAt = performance.now();
    await Promise.all(Array.from({ length: inFlight }, async () => {
      for (let next = requests.pop(); next; next = requests.pop()) {
        const { status } = await fetch(next);
        if (status !== 200) throw new Error(`Answer should be 200, but is ${status}`);
        answers++;
      }
    }));
    ms += performance.now() - startedAt;
  }
  return answers / (ms / 1000);
}

async function costPerEvent(count: number): Promise<number> {
  const body = new TextEncoder().encode(bodyWithEvents(count));
  const request = signedRequest(body, { "smartsheet-hmac-sha256": sign(body) });
  let events = 0;
  let ms = 0;
  while (ms < roundMs) {
    const requests = Array.from({ length: Math.ceil(6000 / count) }, request);
    const startedAt = performance.now();
    for (const next of requests) {
      if ((await byEvent.fetch(next)).status !== 200) throw new Error("Answer should be 200");
      events += count;
    }
    ms += performance.now() - startedAt;
  }
  return (ms * 1000) / events;
}
