/** `npm run fuzz`: sends odd requests to `serve` on each runtime, over real sockets, and checks each answer and what is stored. */
import process from "node:process";
import { parseArgs } from "node:util";
import { HOSTS } from "../embed/hosts.ts";
import { runtime } from "../support/runtime.ts";
import { runOnRuntime } from "../tasks/run_on_runtime.ts";
import { fuzzReport } from "./fuzz_report.ts";
import { runFuzz } from "./run_fuzz.ts";

const RUNTIMES = ["node", "deno", "bun"] as const;
/** Where the receiver is, and the runtime of each. */
const DOORS = { serve: undefined, ...HOSTS } as const;
const INBOXES = ["memory", "sqlite"] as const;
/** From here on, memory is compared (less is hidden by what a runtime keeps for itself), and only errors are logged. */
const LONG = 50_000;

const HELP = `npm run fuzz -- [options]

Starts serve and sends it valid, odd, broken and half requests on many connections at once. Each answer is checked against the
contract, and at the end what is stored, counted and logged. One seed is the same requests each time. Progress goes to stderr,
figures and failures to stdout. Exit code 1 if something didn't hold, 2 for wrong usage.

  --seed N         for what is sent (default: a new one; it is printed)
  --requests N     how many (default: 100000)
  --from N         the number of the first one (default: 0)
  --only N         that one alone
  --runtime R      node, deno, bun or all, one after another (default: node): its door, and the generator
  --door D         serve, or a host of test/embed: hono, node_http, express, fastify (on node), deno_serve, bun_serve; these
                   always have a SQLite inbox (default: serve)
  --inbox I        memory or sqlite (default: sqlite)
  --connections N  at once (default: 48)
  --help
`;

const usage = { code: 0, text: "" };
const values = parse();
const [seed, requests, from, connections] = [values.seed, values.requests, values.from, values.connections].map(Number);
const only = values.only === undefined ? undefined : Number(values.only);
const inbox = INBOXES.find((name) => name === values.inbox);
const door = (Object.keys(DOORS) as (keyof typeof DOORS)[]).find((name) => name === values.door);
const runtimes = RUNTIMES.filter((name) => values.runtime === "all" || values.runtime === name);
const isLong = only === undefined && requests! >= LONG;
const numbers = [seed, requests, from, connections, only ?? 0] as number[];

if (values.help) {
  process.stdout.write(HELP);
} else if (
  usage.text || !numbers.every((each) => Number.isSafeInteger(each) && each >= 0) || !requests || !connections
) {
  wrongUsage(usage.text || "Numbers should be whole, --requests and --connections more than 0");
} else if (!inbox) {
  wrongUsage(`--inbox is "${values.inbox}", but should be ${INBOXES.join(" or ")}`);
} else if (!door || (DOORS[door] ?? values.runtime) !== values.runtime) {
  wrongUsage(`--door is "${values.door}", but should be one of ${Object.keys(DOORS).join(", ")}, with its --runtime`);
} else if (!runtimes.length) {
  wrongUsage(`--runtime is "${values.runtime}", but should be ${RUNTIMES.join(", ")} or all`);
} else if (values.runtime === runtime) {
  const what = `fuzz on ${runtime}, door ${door}, inbox ${inbox}, seed ${seed}`;
  process.stderr.write(`${what}\n`);
  const result = await runFuzz({
    seed: seed!,
    from: only ?? from!,
    requests: only === undefined ? requests! : 1,
    connections: connections!,
    door,
    inbox,
    logLevel: isLong ? "error" : "info",
    // An inbox in memory remembers 128 MiB of bodies, and what it knows of them; Deno collects garbage late.
    moreMemoryBytes: !isLong ? Infinity : (inbox === "memory" ? 1024 : 384) * 2 ** 20,
    tell: (line) => void process.stderr.write(`${line}\n`),
  });
  process.stdout.write(`${what}\n${fuzzReport(result)}\n`);
  process.exitCode = result.violations.length ? 1 : 0;
} else {
  // One that fails doesn't keep the others from their turn.
  for (const name of runtimes) process.exitCode = Math.max(Number(process.exitCode ?? 0), await fuzzOn(name));
}

function parse() {
  const options = {
    seed: { type: "string", default: String(Math.floor(Math.random() * 1e9)) },
    requests: { type: "string", default: "100000" },
    from: { type: "string", default: "0" },
    only: { type: "string" },
    runtime: { type: "string", default: "node" },
    door: { type: "string", default: "serve" },
    inbox: { type: "string", default: "sqlite" },
    connections: { type: "string", default: "48" },
    help: { type: "boolean" },
  } as const;
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    usage.text = (error as Error).message;
    return parseArgs({ options, args: [] }).values;
  }
}

function wrongUsage(text: string): void {
  process.stderr.write(`${text}\n\n${HELP}`);
  process.exitCode = 2;
}

/** The same program again, on another runtime. */
function fuzzOn(name: string): Promise<number> {
  const given = { ...values, seed: String(seed), runtime: name };
  const args = Object.entries(given).flatMap(([option, value]) => [`--${option}`, String(value)]);
  return runOnRuntime(name, import.meta.url, args);
}
