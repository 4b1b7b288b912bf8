import assert from "node:assert/strict";
import { test } from "node:test";
import { createRandom } from "../soak/random.ts";
import { checkTarget } from "./check_target.ts";
import { createLedger, type Ledger } from "./ledger.ts";
import { callbackOf, WEBHOOKS } from "./requests/callback.ts";
import type { Target } from "./target.ts";

const [one, two] = [1, 2].map((number) => callbackOf(number, createRandom(number)));
const GOOD = {
  bodies: [JSON.stringify(one)],
  output: "2026-11-29 13:37:53.123 info    Accepted callback fuzz-1 of webhook 5\n",
  code: 0,
  metrics: {
    'sheethook_callbacks_total{outcome="accepted",status="200"}': 1,
    'sheethook_callbacks_total{outcome="duplicate",status="200"}': 1,
    'sheethook_callbacks_total{outcome="refused",status="500"}': 0,
    'sheethook_callbacks_total{outcome="refused",status="503"}': 0,
    sheethook_challenges_total: 1,
    sheethook_dead_letters: 0,
    sheethook_failed_attempts_total: 0,
    sheethook_calls_died_total: 0,
    sheethook_unhandled_errors_total: 0,
  } as Record<string, number>,
};

/** What is wrong with a server that was sent one callback twice, and one challenge. */
async function check(
  { bodies, output, code, metrics }: typeof GOOD,
  change: (ledger: Ledger) => void = () => {},
): Promise<string[]> {
  const ledger = createLedger();
  ledger.accept(one!);
  ledger.accept(one!);
  ledger.counts.challenges++;
  change(ledger);
  const target: Target = {
    child: { output, stop: async () => code, pid: 0 } as unknown as Target["child"],
    port: 0,
    isEmbedded: false,
    pending: async () => 0,
    metrics: async () => new Map(Object.entries(metrics)),
    bodies: () => bodies,
    close: async () => {},
  };
  return (await checkTarget(target, ledger, { early: undefined, moreMemoryBytes: Infinity })).violations;
}

test("checkTarget() finds nothing wrong with what the answers say", async () => {
  assert.deepEqual(await check(GOOD), []);
  // An answer that was lost leaves open whether it was stored.
  assert.deepEqual(await check(GOOD, (ledger) => ledger.suspect(two!)), []);
});

test("checkTarget() finds what was stored, lost, counted or logged against the answers", async () => {
  const stored = 'sheethook_callbacks_total{outcome="accepted",status="200"}';
  const wrong = {
    "lost": { ...GOOD, bodies: [] },
    "stored in addition": {
      ...GOOD,
      bodies: [...GOOD.bodies, JSON.stringify(two)],
      metrics: { ...GOOD.metrics, [stored]: 2 },
    },
    "another one stored": { ...GOOD, bodies: [JSON.stringify(two)] },
    "counted twice": { ...GOOD, metrics: { ...GOOD.metrics, [stored]: 2 } },
    "dead": { ...GOOD, metrics: { ...GOOD.metrics, sheethook_dead_letters: 1 } },
    "answered 500": {
      ...GOOD,
      metrics: { ...GOOD.metrics, 'sheethook_callbacks_total{outcome="refused",status="500"}': 1 },
    },
    "a rejection": { ...GOOD, metrics: { ...GOOD.metrics, sheethook_unhandled_errors_total: 1 } },
    "an error logged": { ...GOOD, output: "2026-11-29 13:37:53.123 error   fetch failed\n" },
    "a stack": { ...GOOD, output: "    at handle (file:///a.ts:1:2)\n" },
    "a secret": { ...GOOD, output: `2026-11-29 13:37:53.123 info    ${WEBHOOKS[0]![1]}\n` },
    "another exit code": { ...GOOD, code: 1 },
  };
  for (const [name, target] of Object.entries(wrong)) assert.notDeepEqual(await check(target), [], name);
});
