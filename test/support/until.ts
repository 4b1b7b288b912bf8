import { setTimeout as wait } from "node:timers/promises";

/** Far longer than anything here takes: a slow machine is no failure. */
const LIMIT_MS = 60_000;

/** Waits until `isTrue`; rejects with the name of `what` was waited for after a minute. */
export async function until(what: string, isTrue: () => boolean | Promise<boolean>, limitMs = LIMIT_MS): Promise<void> {
  const endAt = performance.now() + limitMs;
  while (!await isTrue()) {
    if (performance.now() > endAt) throw new Error(`Waited ${limitMs} ms in vain until ${what}`);
    await wait(5);
  }
}
