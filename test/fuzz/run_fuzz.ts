import { runtime } from "../support/runtime.ts";
import { type Client, createClient } from "./client.ts";
import { checkTarget } from "./check_target.ts";
import { failureText } from "./failure_text.ts";
import { createLedger, type Ledger } from "./ledger.ts";
import { memoryOf } from "./memory_of.ts";
import { fuzzCase } from "./requests/fuzz_case.ts";
import { startEmbedded, startTarget } from "./target.ts";

export interface FuzzOptions {
  /** For what is sent, not for what the machine makes of it. */
  readonly seed: number;
  /** The number of the first one. */
  readonly from: number;
  readonly requests: number;
  readonly connections: number;
  /** `serve`, or the name of a host of test/embed, whose inbox is always SQLite. */
  readonly door: string;
  readonly inbox: "memory" | "sqlite";
  /** Of the server; with `info` each answer is logged, which takes half its time. */
  readonly logLevel: "info" | "error";
  /** The server may hold so much more at the end than behind the first tenth. */
  readonly moreMemoryBytes: number;
  readonly tell: (line: string) => void;
}

export interface FuzzResult {
  /** The cases that were sent: one of them may be several requests. */
  readonly cases: number;
  readonly seconds: number;
  /** How often each kind was answered how. */
  readonly kinds: ReadonlyMap<string, ReadonlyMap<string, number>>;
  readonly counts: Ledger["counts"];
  /** Of the server, behind the first tenth and at the end; undefined where that can't be measured. */
  readonly memory: readonly [number | undefined, number | undefined];
  readonly violations: readonly string[];
}

const TELL_MS = 10_000;
/** A server that gets everything wrong fills no memory. */
const MOST_VIOLATIONS = 200;

/** Sends the requests of a seed to a server of its own, on the runtime of the caller, and checks each answer and what is left. */
export async function runFuzz(options: FuzzOptions): Promise<FuzzResult> {
  const { seed, from, requests, connections, door, inbox, logLevel, moreMemoryBytes, tell } = options;
  const target = await (door === "serve" ? startTarget(inbox, logLevel) : startEmbedded(door));
  const ledger = createLedger();
  const kinds = new Map<string, Map<string, number>>();
  const violations: string[] = [];
  let next = from;
  let toldAt = performance.now();
  const startedAt = toldAt;
  let early: number | undefined;

  async function run(client: Client): Promise<void> {
    while (next < from + requests && violations.length < MOST_VIOLATIONS) {
      const number = next++;
      if (number === from + Math.floor(requests / 10)) early = memoryOf(target.child.pid);
      await client.send(fuzzCase(seed, number));
      if (performance.now() - toldAt < TELL_MS) continue;
      toldAt = performance.now();
      tell(`${next - from} of ${requests}: ${ledger.counts.accepted} callbacks accepted, ${violations.length} wrong`);
    }
    client.close();
  }

  try {
    const clients = Array.from({ length: connections }, () =>
      createClient({
        port: target.port,
        ledger,
        isEmbedded: target.isEmbedded,
        runtime,
        onWrong: (wrong) => void violations.push(failureText(wrong, options)),
        onAnswer({ kind }, got) {
          const answers = kinds.get(kind) ?? new Map<string, number>();
          kinds.set(kind, answers.set(got, (answers.get(got) ?? 0) + 1));
        },
      }));
    const gone = target.child.exited.then((code) => {
      throw new Error(`serve has ended with ${code}:\n${target.child.output.slice(-2000)}`);
    });
    gone.catch(() => {});
    await Promise.race([Promise.all(clients.map(run)), gone]);
    const seconds = (performance.now() - startedAt) / 1000;
    const left = await checkTarget(target, ledger, { early, moreMemoryBytes });
    violations.push(...left.violations);
    return { cases: next - from, seconds, kinds, counts: ledger.counts, memory: [early, left.memory], violations };
  } finally {
    await target.close();
  }
}
