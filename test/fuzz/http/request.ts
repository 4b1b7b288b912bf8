import { Buffer } from "node:buffer";
import type { Random } from "../../soak/random.ts";

/** A request before it is bytes. Names and values of headers are Latin-1, as they go out. */
export interface FuzzRequest {
  readonly method: string;
  readonly target: string;
  readonly version: "1.0" | "1.1";
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
  /** How the body's end is told; `none` sends no body. */
  readonly framing: "length" | "chunked" | "none";
}

/** The bytes of a request. `random` decides how a body is cut into chunks. */
export function requestBytes(request: FuzzRequest, random: Random): Buffer {
  const { framing, body } = request;
  if (framing === "none") return requestHead(request);
  if (framing === "length") return Buffer.concat([requestHead(request, ["Content-Length", String(body.length)]), body]);
  return Buffer.concat([requestHead(request, ["Transfer-Encoding", "chunked"]), ...chunksOf(body, random)]);
}

/** The bytes up to the blank line, with more headers behind those of the request. */
export function requestHead(
  { method, target, version, headers }: FuzzRequest,
  ...more: (readonly [name: string, value: string])[]
): Buffer {
  const lines = [...headers, ...more].map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`${method} ${target} HTTP/${version}\r\n${lines.join("")}\r\n`, "latin1");
}

/** What all headers of that name say, as RFC 9110 joins them; undefined if there is none. */
export function headerOf({ headers }: FuzzRequest, name: string): string | undefined {
  const found = headers.filter(([other]) => other.toLowerCase() === name.toLowerCase());
  return found.length ? trim(found.map(([, value]) => trim(value)).join(", ")) : undefined;
}

function trim(value: string): string {
  return value.replace(/^[ \t]+|[ \t]+$/g, "");
}

function chunksOf(body: Buffer, random: Random): Buffer[] {
  const pieces: Buffer[] = [];
  // So that it doesn't become a million of one byte, which are refused.
  const most = Math.max(100, body.length >> 2);
  for (let at = 0; at < body.length;) {
    const size = Math.min(random.between(1, most), body.length - at);
    const length = random.chance(0.2) ? `00${size.toString(16).toUpperCase()}` : size.toString(16);
    const extension = random.chance(0.1) ? ";name=value" : "";
    pieces.push(Buffer.from(`${length}${extension}\r\n`), body.subarray(at, at + size), Buffer.from("\r\n"));
    at += size;
  }
  return [...pieces, Buffer.from("0\r\n\r\n")];
}
