import { setTimeout as wait } from "node:timers/promises";
import type { Ledger } from "./ledger.ts";
import { memoryOf } from "./memory_of.ts";
import { isMembers } from "./oracle/is_callback.ts";
import { WEBHOOKS } from "./requests/callback.ts";
import type { Target } from "./target.ts";

/** All that was accepted is worked in this time, when nothing is sent any more. */
const DRAIN_MS = 120_000;
/** For what garbage is collected late. */
const PAUSE_MS = 3000;

/** What a server that has been fuzzed still has to say: what it counted, what it holds, what it logged, and how it ends. */
export async function checkTarget(
  target: Target,
  ledger: Ledger,
  { early, moreMemoryBytes }: { readonly early: number | undefined; readonly moreMemoryBytes: number },
): Promise<{ readonly violations: string[]; readonly memory: number | undefined }> {
  const { child, isEmbedded } = target;
  const endBy = performance.now() + DRAIN_MS;
  let pending = await target.pending();
  while (pending !== 0 && performance.now() < endBy) {
    await wait(100);
    pending = await target.pending();
  }
  const violations = pending === 0 ? [] : [`${pending} callbacks are still owed ${DRAIN_MS} ms after the last request`];
  const metrics = await target.metrics();
  if (!isEmbedded) violations.push(...wrongMetrics(metrics, ledger.counts));
  if (moreMemoryBytes < Infinity) await wait(PAUSE_MS);
  const memory = memoryOf(child.pid);
  if (memory !== undefined && early !== undefined && memory - early > moreMemoryBytes) {
    violations.push(`serve held ${early} bytes behind the first tenth, and holds ${memory} at the end`);
  }
  const code = await child.stop();
  if (code !== 0) violations.push(`serve ended with ${code}`);
  const lines = wrongLines(child.output, ledger.counts.unavailable > 0);
  violations.push(...(isEmbedded ? lines.filter((line) => line.includes("secret")) : lines));

  const bodies = target.bodies();
  if (!bodies) return { violations, memory };
  const { accepted, unknown } = ledger.counts;
  if (bodies.length < accepted || bodies.length > accepted + unknown) {
    violations.push(`${bodies.length} are stored, but ${accepted} were answered 200, and ${unknown} not answered`);
  }
  for (const body of bodies) {
    const members: unknown = JSON.parse(body);
    if (isMembers(members) && ledger.knows(members)) continue;
    violations.push(`stored, but not answered 200: ${body.slice(0, 500)}`);
  }
  return { violations, memory };
}

function wrongMetrics(metrics: ReadonlyMap<string, number>, counts: Ledger["counts"]): string[] {
  const { accepted, duplicates, challenges, unknown, unavailable } = counts;
  const expected: readonly (readonly [name: string, least: number, more: number])[] = [
    ['sheethook_callbacks_total{outcome="accepted",status="200"}', accepted, unknown],
    ['sheethook_callbacks_total{outcome="duplicate",status="200"}', duplicates, unknown],
    ['sheethook_callbacks_total{outcome="refused",status="500"}', 0, 0],
    ['sheethook_callbacks_total{outcome="refused",status="503"}', 0, unavailable],
    ["sheethook_challenges_total", challenges, unknown],
    ["sheethook_dead_letters", 0, 0],
    ["sheethook_failed_attempts_total", 0, 0],
    ["sheethook_calls_died_total", 0, 0],
    ["sheethook_unhandled_errors_total", 0, 0],
  ];
  return expected.flatMap(([name, least, more]) => {
    const value = metrics.get(name) ?? NaN;
    const should = more ? `${least} to ${least + more}` : String(least);
    return value >= least && value <= least + more ? [] : [`${name} is ${value}, should be ${should}`];
  });
}

/** What no log should hold. An error is one, unless something was answered 503. */
export function wrongLines(output: string, mayHaveErrors: boolean): string[] {
  const lines = output.split("\n");
  const secrets = WEBHOOKS.filter(([, secret]) => output.includes(secret));
  const bad = lines.filter((line) =>
    /unhandled|uncaught|unexpected|should never|panicked|segmentation|assertion|heap out of memory/i.test(line) ||
    (!mayHaveErrors && /^\d\S+ \S+ (error|fatal) /.test(line)) || /^\s+at .*:\d+:\d+/.test(line)
  );
  return [
    ...secrets.map(([id]) => `the log holds the secret of webhook ${id}`),
    ...bad.slice(0, 10).map((line) => `serve logged: ${line.slice(0, 500)}`),
  ];
}
