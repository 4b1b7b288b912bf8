// The receivers that the wire suite talks to, by name: in process, or behind a door in a child process.
import { memoryInbox } from "../../src/inbox/memory.ts";
import { createReceiver, type Receiver, type ReceiverOptions } from "../../src/receiver.ts";
import { CHALLENGE_ID, OTHER_SECRET, SECRET, WEBHOOK_ID } from "../support/callbacks.ts";

const silent = { debug() {}, info() {}, warn() {}, error() {} };

/** Small enough that a test can go over it. */
export const SMALL_BODY_BYTES = 2000;
const SHORT_MS = 300;

const OPTIONS = {
  one: { secrets: SECRET },
  several: { secrets: [OTHER_SECRET, SECRET] },
  perWebhook: { secrets: { [WEBHOOK_ID]: [SECRET], [CHALLENGE_ID]: OTHER_SECRET } },
  function: { secrets: (id: number) => Promise.resolve(id === WEBHOOK_ID ? SECRET : undefined) },
  brokenFunction: { secrets: () => Promise.reject(new Error("vault is away")) },
  slowFunction: { secrets: () => new Promise<string>(() => {}), acceptTimeoutMs: SHORT_MS },
  nullFunction: { secrets: () => null },
  noneYet: { secrets: () => [] },
  ids: { secrets: SECRET, webhookIds: [WEBHOOK_ID] },
  unsigned: { allowUnsigned: true, webhookIds: [WEBHOOK_ID] },
  small: { secrets: SECRET, maxBodyBytes: SMALL_BODY_BYTES, bodyTimeoutMs: SHORT_MS },
  patient: { secrets: SECRET, bodyTimeoutMs: 60_000 },
  maxAge: { secrets: SECRET, maxAgeMs: 60_000 },
  full: { secrets: SECRET, inbox: { put: () => Promise.reject(new Error("disk is full")) } },
  throwing: {
    secrets: SECRET,
    inbox: {
      put: () => {
        throw new Error("inbox is broken");
      },
    },
  },
  slowInbox: { secrets: SECRET, inbox: { put: () => new Promise(() => {}) }, acceptTimeoutMs: SHORT_MS },
  stopped: { secrets: SECRET },
  failing: { secrets: SECRET, inbox: undefined },
  slow: { secrets: SECRET, inbox: undefined, acceptTimeoutMs: SHORT_MS },
} satisfies Record<string, ReceiverOptions>;

export type WireReceiverName = keyof typeof OPTIONS;

/** All of them, afresh. */
export async function createWireReceivers(): Promise<Record<WireReceiverName, Receiver>> {
  const entries = Object.entries(OPTIONS as Record<string, ReceiverOptions>).map(([name, options]) => {
    const receiver = createReceiver({
      logger: silent,
      ...(!("inbox" in options) && { inbox: memoryInbox() }),
      ...options,
    });
    return [name, receiver] as const;
  });
  const receivers = Object.fromEntries(entries) as Record<WireReceiverName, Receiver>;
  receivers.failing.on("row.*", () => {
    throw new Error("handler failed");
  });
  receivers.slow.on("row.*", () => new Promise(() => {}));
  await receivers.stopped.stop();
  return receivers;
}
