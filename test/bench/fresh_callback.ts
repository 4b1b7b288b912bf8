import process from "node:process";
import type { AcceptedCallback } from "../../src/callback/callback.ts";
import { BODY } from "./fixture.ts";

const { webhookId, nonce: theirs } = JSON.parse(BODY);
const [beforeNonce, afterNonce] = BODY.split(theirs) as [string, string];
const origin = `${process.pid}-${Date.now()}`;
let made = 0;

/** A callback that no inbox has seen, of one of so many lanes. Its body is a real one but for the nonce. */
export function freshCallback(lanes: number): AcceptedCallback {
  const number = ++made;
  const nonce = `${origin}-${number}`;
  return {
    webhookId,
    nonce,
    timestamp: nonce,
    scopeObjectId: 1 + number % lanes,
    body: beforeNonce + nonce + afterNonce,
    digest: `${number}`.padStart(64, "0"),
    acceptedAt: Date.now(),
  };
}
