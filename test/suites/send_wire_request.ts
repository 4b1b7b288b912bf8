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
      for (let at = 0; at < body!.length; at += 10_000) request.write(body!.slice(at, at + 10_000));
      request.end();
    } else request.end(body);
  });
}
