import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import type { WireAnswer, WireRequest } from "./wire_suite.ts";

/** Sends a request of the wire suite on a connection of its own, trusting any certificate. */
export function sendWireRequest(
  url: string,
  { method = "POST", headers = {}, body, stalled, chunked }: WireRequest,
): Promise<WireAnswer> {
  return new Promise((resolve, reject) => {
    const options = { method, headers: { ...headers }, agent: false as const, rejectUnauthorized: false };
    const request = (url.startsWith("https:") ? httpsRequest : httpRequest)(url, options, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk) => text += chunk);
      response.on("error", reject);
      response.on("end", () => {
        resolve({
          status: response.statusCode!,
          headers: new Headers(response.headers as Record<string, string>),
          body: text,
        });
        request.destroy();
      });
    });
    request.on("error", reject);
    if (stalled) {
      request.setHeader("content-length", 10);
      request.flushHeaders();
    } else if (chunked) {
      const size = Math.ceil(body!.length / 10);
      for (let at = 0; at < body!.length; at += size) request.write(body!.slice(at, at + size));
      // Later: a server that has refused the body resets a connection on which more of it comes, and the answer is lost.
      const timer = setTimeout(() => request.end(), 100);
      request.on("response", () => clearTimeout(timer));
    } else request.end(body);
  });
}
