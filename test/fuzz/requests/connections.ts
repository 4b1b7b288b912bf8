import { Buffer } from "node:buffer";
import type { Random } from "../../soak/random.ts";
import { requestBytes, requestHead } from "../http/request.ts";
import { callbackOf, CHALLENGE, post, signedPost } from "./callback.ts";
import { challengePost } from "./challenges.ts";
import type { Made } from "./fuzz_case.ts";
import type { Kind } from "./kinds.ts";
import { oddSignature } from "./signatures.ts";

const callback = (number: number, random: Random) => signedPost(callbackOf(number, random));

/** Two to five requests at once. Only one is a callback, so that no other number has it. */
function pipelined(number: number, random: Random): Made {
  const others = Array.from({ length: random.between(1, 4) }, () =>
    random.pick([
      () => challengePost(random),
      () => post("", [CHALLENGE, "V"]),
      () => post("no"),
      () => ({ ...post(""), target: "/elsewhere" }),
      () => ({ ...post(""), method: "GET", target: "/healthz", framing: "none" as const }),
      () => ({ ...post("x".repeat(500)), method: "PUT" }),
    ])());
  const own = random.chance(0.7) ? callback(number, random) : oddSignature(number, random);
  const requests = [...others];
  requests.splice(random.between(0, others.length), 0, own);
  return { requests, pieces: [Buffer.concat(requests.map((request) => requestBytes(request, random)))] };
}

/** A length that is too small: what is behind it isn't the next request. */
function shortLength(number: number, random: Random): Made {
  const { framing: _, ...request } = callback(number, random);
  const body = request.body.subarray(0, random.between(0, request.body.length - 1));
  const declared = requestBytes({ ...request, body, framing: "length" }, random);
  return {
    requests: [{ ...request, body, framing: "length" }],
    pieces: [Buffer.concat([declared, request.body.subarray(body.length), Buffer.from("\r\n\r\n")])],
    ending: "lenient",
  };
}

/** Something that is never whole: its sender goes away. */
function abandoned(number: number, random: Random): Made {
  // Deno then speaks HTTP/2, and waits for the client's settings.
  if (random.chance(0.05)) return { pieces: [Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")], ending: "abandoned" };
  const request = callback(number, random);
  const whole = requestBytes(random.chance(0.3) ? { ...request, framing: "chunked" } : request, random);
  const long = requestHead(request, ["Content-Length", String(request.body.length + random.between(1, 1000))]);
  const bytes = random.chance(0.6)
    // Bun takes a body for whole that lacks only the end of its last chunk.
    ? whole.subarray(0, random.between(0, whole.length - 8))
    : Buffer.concat([long, request.body]);
  return { pieces: [bytes], ending: "abandoned" };
}

/** Kinds that are odd in how their connection goes on. */
export const CONNECTION_KINDS: readonly Kind[] = [
  { kind: "pipelined", share: 2, make: pipelined },
  {
    kind: "HTTP/1.0",
    share: 2,
    make(number, random) {
      const request = random.pick([() => callback(number, random), () => post("", [CHALLENGE, "V"])])();
      const headers = request.headers.filter(([name]) => name !== "Host" || random.chance(0.5));
      const more = random.chance(0.3) ? [["Connection", "keep-alive"] as const] : [];
      return { ...request, version: "1.0", headers: [...headers, ...more] };
    },
  },
  { kind: "length too short", share: 1, make: shortLength },
  { kind: "abandoned", share: 2, make: abandoned },
];
