import process from "node:process";
import type { AcceptedCallback } from "../../src/callback/callback.ts";
import { BODY } from "./fixture.ts";

const { webhookId } = JSON.parse(BODY);
const origin = `${process.pid}-${Date.now()}`;
let made = 0;

/** A callback that no inbox has seen, of one of so many lanes. Its body is always the same, and real. */
export function freshCallback(lanes: number): AcceptedCallback {
  const number = ++made;
  return {
    webhookId,
    nonce: `${origin}-${number}`,
    timestamp: `${origin}-${number}`,
    scopeObjectId: 1 + number % lanes,
    body: BODY,
    digest: `${number}`.padStart(64, "0"),
    acceptedAt: Date.now(),
  };
}
