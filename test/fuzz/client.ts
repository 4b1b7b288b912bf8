import { setTimeout as wait } from "node:timers/promises";
import type { Answer } from "./http/answer.ts";
import { type Connection, type NoAnswer, openConnection } from "./http/connection.ts";
import { type FuzzRequest, headerOf } from "./http/request.ts";
import type { Ledger } from "./ledger.ts";
import { wrongWith } from "./oracle/check_answer.ts";
import { type Expectation, expectationOf, lenient } from "./oracle/expectation.ts";
import type { FuzzCase } from "./requests/fuzz_case.ts";
import { LIMIT_BYTES } from "./requests/sizes.ts";

/** One client: it sends one case after another, on one connection as long as that lasts. */
export interface Client {
  send(fuzzCase: FuzzCase): Promise<void>;
  close(): void;
}

/** Something that didn't hold. */
export interface Wrong {
  readonly fuzzCase: FuzzCase;
  readonly what: string;
  readonly got?: Answer | NoAnswer;
  /** What was sent before on the connection, if that wasn't new. */
  readonly before: FuzzCase | undefined;
}

export interface ClientOptions {
  readonly port: number;
  readonly ledger: Ledger;
  /** The receiver answers one path of a host that has others. */
  readonly isEmbedded: boolean;
  /** Some of what is allowed is a limit of one runtime, which src/serve/README.md names. */
  readonly runtime: "node" | "deno" | "bun";
  readonly onWrong: (wrong: Wrong) => void;
  /** A case was answered, or went without an answer. */
  readonly onAnswer: (fuzzCase: FuzzCase, got: string) => void;
}

const ANSWER_MS = 30_000;
/** What an answer to half a request, or to a pipelined one, may take where none is owed. */
const UNASKED_MS = 300;

export function createClient({ port, ledger, isEmbedded, runtime, onWrong, onAnswer }: ClientOptions): Client {
  const answersPipelined = runtime === "node" && !isEmbedded;
  let connection: Connection | undefined;
  let last: FuzzCase | undefined;
  let before: FuzzCase | undefined;

  function close(): void {
    const more = connection?.leftover;
    if (more?.length && last) onWrong({ fuzzCase: last, what: `more came than its answers: ${more}`, before });
    drop();
  }

  function drop(): void {
    connection?.destroy();
    connection = undefined;
    last = undefined;
  }

  async function usableConnection(): Promise<Connection> {
    if (connection?.leftover.length || !connection?.isOpen) close();
    return connection ??= await openConnection(port);
  }

  async function readAnswer(
    used: Connection,
    fuzzCase: FuzzCase,
    expected: Expectation,
    isOwed: boolean,
    sentAt: number,
  ): Promise<boolean> {
    let got: Answer | NoAnswer;
    try {
      got = await used.next(expected.isHead, isOwed ? ANSWER_MS : UNASKED_MS);
    } catch (error) {
      onWrong({ fuzzCase, what: String(error), before });
      got = "closed";
    }
    const isAnswer = typeof got === "object";
    onAnswer(fuzzCase, typeof got === "object" ? String(got.status) : got);
    const wrong = isAnswer || isOwed ? wrongWith(got, expected, performance.now() - sentAt) : undefined;
    if (wrong) onWrong({ fuzzCase, what: wrong, got, before });
    note(got, expected);
    // Fastify closes a connection behind what it answers itself, without saying so.
    if (isEmbedded && typeof got === "object" && got.status !== 200 && !isProblem(got)) return false;
    return isAnswer;
  }

  function note(got: Answer | NoAnswer, { stores, echo, mayBePage }: Expectation): void {
    const isAnswer = typeof got === "object";
    if (isAnswer && got.status === 200) {
      if (got.headers.has("smartsheet-hook-response")) ledger.counts.challenges++;
      else if (stores && mayBePage) ledger.suspect(stores);
      else if (stores) ledger.accept(stores);
      return;
    }
    if (isAnswer && got.status === 503) ledger.counts.unavailable++;
    // What Bun refuses itself, it may have processed: a body with a trailer, for one.
    else if (isAnswer && (isProblem(got) || runtime !== "bun")) return;
    if (stores) ledger.suspect(stores);
    else if (echo !== undefined) ledger.counts.unknown++;
  }

  return {
    close,
    async send(fuzzCase) {
      const { pieces, requests, ending } = fuzzCase;
      const used = await usableConnection();
      before = last;
      last = fuzzCase;
      const sentAt = performance.now();
      for (const [index, piece] of pieces.entries()) {
        if (index) await wait(2);
        used.write(piece);
      }
      if (ending === "abandoned") {
        await wait(3);
        const came = used.leftover.toString("latin1");
        if (came.startsWith("HTTP/1.1 200")) {
          onWrong({ fuzzCase, what: `half a request was answered: ${came}`, before });
        }
        onAnswer(fuzzCase, "abandoned");
        return drop();
      }
      for (const [index, request] of requests.entries()) {
        const isOwed = requests.length === 1 || answersPipelined;
        if (await readAnswer(used, fuzzCase, expectedOf(fuzzCase, request, isEmbedded), isOwed, sentAt)) continue;
        // Nothing behind it is answered on this connection.
        for (const other of requests.slice(index + 1)) note("closed", expectationOf(other, isEmbedded));
        return drop();
      }
      if (ending !== "whole" || !used.isOpen || requests.some(isLast)) drop();
    },
  };
}

function isProblem({ headers }: Answer): boolean {
  return headers.get("content-type") === "application/problem+json";
}

/**
 * The server closes the connection behind it, whether it says so or not. Of a body that was refused, Node awaits the rest for
 * 500 ms, which a busy machine may need for 10 MiB.
 */
function isLast(request: FuzzRequest): boolean {
  return request.version === "1.0" || headerOf(request, "Connection") === "close" || request.body.length > LIMIT_BYTES;
}

function expectedOf({ ending }: FuzzCase, request: FuzzRequest, isEmbedded: boolean): Expectation {
  const expected = expectationOf(request, isEmbedded);
  if (ending === "whole" || ending === "rest") return expected;
  const loose = lenient(expected);
  // What the server makes of it may be another path, or another body.
  return ending === "lenient"
    ? loose
    : { ...loose, statuses: [...loose.statuses, 401, 403, 404, ...(isEmbedded ? [500] : [])] };
}
