import { type ClientRequest, type IncomingMessage, request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { CHALLENGE_RESPONSE_HEADER } from "../../smartsheet/headers.ts";
import { explainNoAnswer } from "./deliver.ts";

/** One request of `doctor`. */
export interface Probe {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** The answer, with the beginning of its body. */
export interface ProbeAnswer {
  readonly status: number;
  readonly location: string | undefined;
  readonly challengeResponse: string | null;
  readonly body: string;
  readonly ms: number;
}

const MAX_BODY = 64 * 1024;

/**
 * Sends one request on its own connection, follows no redirect, and accepts any certificate: that is checked elsewhere, and
 * should not hide other problems.
 *
 * @throws {Error} if there is no complete answer, with the reason and what to do
 */
export function sendProbe(
  url: URL,
  { method = "POST", headers = {}, body }: Probe,
  timeoutMs: number,
): Promise<ProbeAnswer> {
  const bytes = body === undefined ? undefined : new TextEncoder().encode(body);
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const fail = (error: unknown) => {
      clearTimeout(timer);
      request.destroy();
      reject(new Error(explainNoAnswer(url, timeoutMs, error), { cause: error }));
    };
    const timer = setTimeout(() => fail(new DOMException("timed out", "TimeoutError")), timeoutMs);
    const options = {
      method,
      agent: false as const,
      rejectUnauthorized: false,
      // The system's authorities aren't needed, and Deno would ask for a permission to read them.
      ca: [],
      headers: {
        ...(bytes && { "content-type": "application/json; charset=UTF-8", "content-length": String(bytes.length) }),
        connection: "close",
        ...headers,
      },
    };
    let isAnswered = false;
    const receive = (response: IncomingMessage) => {
      isAnswered = true;
      let text = "";
      const finish = () => {
        clearTimeout(timer);
        const { location, [CHALLENGE_RESPONSE_HEADER.toLowerCase()]: echo } = response.headers;
        const challengeResponse = typeof echo === "string" ? echo : null;
        resolve({
          status: response.statusCode ?? 0,
          location,
          challengeResponse,
          body: text,
          ms: performance.now() - start,
        });
      };
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => text.length < MAX_BODY && (text += chunk));
      response.on("end", finish);
      response.on("error", fail);
    };
    const request: ClientRequest = url.protocol === "https:"
      ? httpsRequest(url, options, receive)
      : httpRequest(url, options, receive);
    // A server may answer and close before it has read the whole request.
    request.on("error", (error) => isAnswered || fail(error));
    request.end(bytes);
  });
}
