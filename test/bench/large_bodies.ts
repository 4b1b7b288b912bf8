import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { createAnswerReader } from "./answer_reader.ts";
import { type Runtime, runtimes, startChild } from "./child.ts";
import { bodyWithEvents, PATH, sign } from "./fixture.ts";
import { ratioOf, rounds } from "./rounds.ts";
import { type Row, toRatio } from "./table.ts";

interface LargeBody {
  readonly bytes: Uint8Array;
  readonly signature?: string;
}

interface Options {
  readonly rounds: number;
  readonly quick: boolean;
  readonly tell: (what: string) => void;
}

const MIB = 1024 * 1024;
const AT_ONCE = 256;

/** What 10 MiB cost that nobody has signed, and what 256 of them do to the memory. */
export async function largeBodies({ rounds, quick, tell }: Options): Promise<Row[]> {
  const size = quick ? MIB : 10 * MIB;
  // Costly to parse, and no `webhookId` in it.
  const hostile = Buffer.alloc(size, "[],");
  const event = bodyWithEvents(2).length - bodyWithEvents(1).length;
  const callback = Buffer.from(bodyWithEvents(Math.floor((size - 1000) / event)));
  const rows: Row[] = [];
  for (const runtime of runtimes) {
    tell(`large bodies, on ${runtime}`);
    rows.push(
      await cost("a body of 10 MiB without a signature", runtime, { bytes: hostile }, rounds),
      await cost("a body of 10 MiB with a wrong signature", runtime, { bytes: hostile, signature: "0" }, rounds),
      await memory("unsigned", runtime, { bytes: hostile }),
      await memory("with a wrong signature", runtime, { bytes: hostile, signature: "0" }),
      await memory("signed", runtime, { bytes: callback, signature: sign(callback) }),
    );
  }
  return rows;
}

async function cost(what: string, runtime: Runtime, body: LargeBody, count: number): Promise<Row> {
  const server = startChild(runtime, "test/bench/serve_contender.ts", ["quiet"]);
  const hmac = startChild(runtime, "test/bench/hmac_cost.ts", [String(body.bytes.length)]);
  try {
    const { port } = JSON.parse(await server.line());
    await hmac.line();
    const cpuMs = async () => Number(JSON.parse(await server.ask("?")).cpuMs);
    const answer = async () => {
      const before = await cpuMs();
      for (let time = 0; time < 4; time++) await send(port, body);
      return (await cpuMs() - before) / 4;
    };
    await answer();
    const measured = await rounds({ answer, hmac: async () => Number(await hmac.ask("?")) }, count);
    const ratio = ratioOf(measured.answer, measured.hmac);
    return {
      what: `${what}, CPU / its HMAC alone (lower is better)`,
      runtime,
      sheethook: `${ratio.ours.toFixed(1)} ms`,
      against: `${ratio.theirs.toFixed(1)} ms`,
      ratio: toRatio(ratio),
      goal: "<= 3.00",
      isMet: ratio.ratio <= 3,
    };
  } finally {
    await Promise.all([server.stop(), hmac.stop()]);
  }
}

async function memory(which: string, runtime: Runtime, body: LargeBody): Promise<Row> {
  const server = startChild(runtime, "test/bench/serve_contender.ts", ["quiet"]);
  try {
    const { port } = JSON.parse(await server.line());
    const idle = peakMiB(server.pid);
    const statuses = await Promise.all(Array.from({ length: AT_ONCE }, () => send(port, body)));
    const over = peakMiB(server.pid) - idle;
    const answers = [...new Set(statuses)].sort().map((status) =>
      `${statuses.filter((each) => each === status).length} x ${status || "closed"}`
    );
    return {
      what: `${AT_ONCE} bodies of 10 MiB at once, ${which}: memory over idle (${answers.join(", ")})`,
      runtime,
      sheethook: `${Math.round(over)} MiB`,
      goal: "<= 256 MiB",
      isMet: over <= 256,
    };
  } finally {
    await server.stop();
  }
}

/** Sends a body on a connection of its own. @returns the status, 0 if the connection is closed without an answer */
function send(port: number, { bytes, signature }: LargeBody): Promise<number> {
  const signed = signature === undefined ? "" : `smartsheet-hmac-sha256: ${signature}\r\n`;
  const head =
    `POST ${PATH} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n${signed}content-length: ${bytes.length}\r\n\r\n`;
  return new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1" }, () => {
      socket.write(head);
      socket.write(bytes);
    });
    socket.on(
      "data",
      createAnswerReader((status) => {
        resolve(status);
        socket.destroy();
      }),
    );
    socket.on("error", () => {});
    socket.on("close", () => resolve(0));
  });
}

/** The most memory that a process has had, as Linux counts it. */
function peakMiB(pid: number): number {
  return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024;
}
