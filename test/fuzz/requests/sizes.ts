import { Buffer } from "node:buffer";
import type { Random } from "../../soak/random.ts";
import { requestBytes, requestHead } from "../http/request.ts";
import { callbackOf, eventOf, post, signedPost } from "./callback.ts";
import type { Made } from "./fuzz_case.ts";
import type { Kind } from "./kinds.ts";

/** The contract's limit of a body. */
export const LIMIT_BYTES = 10 * 1024 * 1024;

/** A callback padded to that many bytes. */
function sized(number: number, random: Random, bytes: number): ReturnType<typeof signedPost> {
  const members: Record<string, unknown> = { ...callbackOf(number, random), more: "" };
  members.more = "x".repeat(Math.max(0, bytes - Buffer.byteLength(JSON.stringify(members))));
  return signedPost(members);
}

function declaredTooLarge(number: number, random: Random): Made {
  const length = random.pick([LIMIT_BYTES + 1, 2 ** 31, 2 ** 32, 2 ** 40]);
  const { body, headers, ...request } = signedPost(callbackOf(number, random));
  const head = requestHead({ ...request, body, headers }, ["Content-Length", String(length)]);
  return {
    // The contract: by Content-Length first. What comes behind it is no request.
    requests: [{
      ...request,
      headers: [...headers, ["Content-Length", String(length)]],
      framing: "none",
      body: Buffer.alloc(0),
    }],
    pieces: [Buffer.concat([head, body.subarray(0, random.between(0, body.length))])],
    ending: "rest",
  };
}

/** Kinds that are odd in the size of their body, and in how it comes. */
export const SIZE_KINDS: readonly Kind[] = [
  {
    kind: "chunked",
    share: 4,
    make: (number, random) => ({ ...signedPost(callbackOf(number, random)), framing: "chunked" }),
  },
  {
    kind: "many events",
    share: 0.5,
    make(number, random) {
      const members = callbackOf(number, random);
      const events = Array.from(
        { length: random.between(50, 3000) },
        (_, place) => eventOf(number * 1e4 + place, random),
      );
      const request = signedPost({ ...members, events });
      return random.chance(0.3) ? { ...request, framing: "chunked" } : request;
    },
  },
  {
    kind: "large",
    share: 0.04,
    make: (number, random) => sized(number, random, random.pick([20_000, 500_000, LIMIT_BYTES - 1, LIMIT_BYTES])),
  },
  {
    kind: "large unsigned",
    share: 0.2,
    make: (_, random) => post("x".repeat(random.pick([16 * 1024, 17 * 1024, 100_000])), ["X", "y"]),
  },
  {
    kind: "too large",
    share: 0.02,
    make(number, random) {
      const request = sized(number, random, LIMIT_BYTES + random.pick([1, 100_000]));
      return random.chance(0.5) ? { ...request, framing: "chunked" } : request;
    },
  },
  { kind: "declared too large", share: 0.5, make: declaredTooLarge },
  {
    kind: "in pieces",
    share: 2,
    make(number, random) {
      const request = signedPost(callbackOf(number, random));
      const bytes = requestBytes(random.chance(0.5) ? request : { ...request, framing: "chunked" }, random);
      const cuts = Array.from({ length: random.between(1, 4) }, () => random.between(0, bytes.length)).sort((a, b) =>
        a - b
      );
      const pieces = [0, ...cuts].map((from, index) => bytes.subarray(from, cuts[index]));
      return { requests: [request], pieces };
    },
  },
];
