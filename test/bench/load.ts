import { connect } from "node:net";
import { createAnswerReader } from "./answer_reader.ts";

export interface LoadOptions {
  readonly port: number;
  /** The bytes of the next request. */
  readonly next: () => Uint8Array;
  readonly connections: number;
  /** Requests before this time has passed aren't counted: connections open, code gets compiled. */
  readonly warmMs: number;
  readonly measureMs: number;
}

export interface LoadResult {
  /** Whole answers that came in while it was measured. */
  readonly answers: number;
  readonly perSecond: number;
}

/**
 * Keeps `connections` connections busy, one request in flight on each, and counts whole answers.
 *
 * @throws {Error} for the first answer that isn't 200, and for a connection that breaks: no figure is made of errors
 */
export async function load(options: LoadOptions): Promise<LoadResult> {
  const { port, next, connections, warmMs, measureMs } = options;
  let answers = 0;
  let isStopping = false;

  function drive(): Promise<void> {
    return new Promise((resolve, reject) => {
      function open(): void {
        const socket = connect({ port, host: "127.0.0.1", noDelay: true });
        let isDone = false;
        const end = (then: () => void) => {
          isDone = true;
          socket.destroy();
          then();
        };
        socket.on("connect", () => socket.write(next()));
        socket.on(
          "data",
          createAnswerReader((status, head) => {
            if (status !== 200) return end(() => reject(new Error(`Answer should be 200, but is:\n${head}`)));
            answers++;
            if (isStopping) end(resolve);
            // Deno 2.9.5 closes after each request over 512 bytes: https://github.com/denoland/deno/issues/36657
            else if (/\r\nconnection: *close/i.test(head)) end(open);
            else socket.write(next());
          }),
        );
        socket.on("error", (error) => end(() => reject(error)));
        socket.on("close", () => isDone || reject(new Error(`Server on port ${port} closed before it had answered`)));
      }
      open();
    });
  }

  const ended = Promise.all(Array.from({ length: connections }, drive));
  ended.catch(() => {});
  await Promise.race([ended, sleep(warmMs)]);
  const startedAt = performance.now();
  const before = answers;
  // Longer on a machine that is too busy for one answer in that time: no ratio is made of nothing.
  for (let round = 0; answers === before && round < 100; round++) await Promise.race([ended, sleep(measureMs)]);
  const measured = answers - before;
  const seconds = (performance.now() - startedAt) / 1000;
  isStopping = true;
  await Promise.race([ended, sleep(10_000).then(() => Promise.reject(new Error(`Server on port ${port} hangs`)))]);
  return { answers: measured, perSecond: measured / seconds };
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
