/**
 * `serve_contender.ts NAME`: serves one contender on a free port and tells it on stdout; then answers each line on
 * stdin with what its handlers have seen. Ends with stdin, so that it can't outlive the bench.
 */
import process from "node:process";
import { createInterface } from "node:readline";
import { sink } from "./contenders/sink.ts";

// Imported one at a time: a contender runs as if it were alone.
const contenders = {
  floor: async () => (await import("./contenders/floor.ts")).serveFloor(),
  sheethook: async () => (await import("./contenders/sheethook.ts")).serveSheethook(),
  quiet: async () => (await import("./contenders/sheethook.ts")).serveQuiet(),
  memory: async () => (await import("./contenders/sheethook.ts")).serveMemoryInbox(),
  sqlite: async () => (await import("./contenders/sheethook.ts")).serveSqliteInbox(),
  durable: async () => (await import("./contenders/sheethook.ts")).serveSqliteAnswer(),
  large: async () => (await import("./contenders/sheethook.ts")).serveLargeInbox(),
  timed: async () => (await import("./contenders/sheethook.ts")).serveTimedInbox(),
  express: async () => (await import("./contenders/express.ts")).serveExpress(),
  trivial: async () => (await import("./contenders/trivial.ts")).serveTrivial(),
  closing: async () => (await import("./contenders/trivial.ts")).serveClosing(),
};

/** What `serve_contender.ts` can serve. */
export type Contender = keyof typeof contenders;

const name = process.argv[2] as Contender;
console.log(JSON.stringify({ port: await contenders[name]() }));
createInterface(process.stdin)
  .on("line", () => console.log(JSON.stringify({ events: sink.events, waitsMs: sink.waitsMs, cpuMs: cpuMs() })))
  .on("close", () => process.exit(0));

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
