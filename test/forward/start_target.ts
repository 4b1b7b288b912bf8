// A target on loopback that keeps what it got.
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A message that a target got. */
export interface Got {
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  // deno-lint-ignore no-explicit-any
  readonly body: any;
}

export interface RunningTarget {
  readonly url: string;
  readonly got: Got[];
  stop(): Promise<void>;
}

/** Answers a message; `count` is its number, from 1. */
export type AnswerMessage = (response: ServerResponse, got: Got, count: number) => void;

/** Answers 204 unless `answer` does something else. @param port 0 for a free one */
export async function startTarget(answer: AnswerMessage = answerWith(204), port = 0): Promise<RunningTarget> {
  const got: Got[] = [];
  const server: Server = createServer(async (request, response) => {
    let text = "";
    for await (const chunk of request.setEncoding("utf8")) text += chunk;
    got.push({ headers: plain(request.headers), text, body: JSON.parse(text) });
    answer(response, got.at(-1)!, got.length);
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    got,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export function answerWith(status: number, headers: Record<string, string> = {}): AnswerMessage {
  return (response) => void response.writeHead(status, headers).end();
}

function plain(headers: IncomingHttpHeaders): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}

/** Runs `use` with a target that is gone afterwards. */
export async function withTarget(
  answer: AnswerMessage | undefined,
  use: (target: RunningTarget) => Promise<void>,
): Promise<void> {
  const target = await startTarget(answer);
  try {
    await use(target);
  } finally {
    await target.stop();
  }
}
