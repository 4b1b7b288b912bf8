import { type ClientRequest, type IncomingMessage, request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { CHALLENGE_RESPONSE_HEADER } from "../../smartsheet/headers.ts";
import { explainNoAnswer } from "./deliver.ts";

/** One request. */
export interface Probe {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** What came back; of the body, its beginning. */
export interface ProbeAnswer {
  readonly status: number;
  readonly location: string | undefined;
  readonly challengeResponse: string | null;
  readonly body: string;
  readonly ms: number;
}

const MAX_BODY = 64 * 1024;

/**
 * Sends one request on a connection of its own, follows no redirect, and doesn't mind a wrong certificate: that is told
 * elsewhere, and shouldn't hide what else is wrong.
 *
 * @throws {Error} if no whole answer comes, with the reason and what to do
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
      // Deno asks for a permission to read the system's, which nothing here depends on.
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
    // One that answers before it has read everything, and then closes, has answered.
    request.on("error", (error) => isAnswered || fail(error));
    request.end(bytes);
  });
}
