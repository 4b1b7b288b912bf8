import type { Buffer } from "node:buffer";
import { createRandom, type Random } from "../../soak/random.ts";
import { type FuzzRequest, requestBytes } from "../http/request.ts";
import { type Kind, KINDS } from "./kinds.ts";

/** What one turn of a client sends. */
export interface FuzzCase {
  readonly number: number;
  /** A name of `KINDS`. */
  readonly kind: string;
  /** Written one after another, with a pause between. */
  readonly pieces: readonly Buffer[];
  /** The requests in it, in order: each is owed its answer. */
  readonly requests: readonly FuzzRequest[];
  /**
   * How it ends: `whole` leaves the connection open, `rest` has more bytes behind its request; `malformed` isn't HTTP, but
   * may be taken for its request; `lenient` is a request that a server may also refuse; `abandoned` is never whole.
   */
  readonly ending: "whole" | "rest" | "malformed" | "lenient" | "abandoned";
}

/** What a kind makes: a request, or more than that. */
export type Made = FuzzRequest | Partial<Omit<FuzzCase, "number" | "kind">>;

/** The case of that number: the same for the same seed. */
export function fuzzCase(seed: number, number: number): FuzzCase {
  const { kind, random, make } = chosen(seed, number);
  const made = make(number, random, (other) => chosen(seed, other).random);
  if (!("method" in made)) {
    const { requests = [], ending = "whole" } = made;
    return {
      number,
      kind,
      requests,
      ending,
      pieces: made.pieces ?? requests.map((each) => requestBytes(each, random)),
    };
  }
  return { number, kind, requests: [made], ending: "whole", pieces: [requestBytes(made, random)] };
}

/** The kind of that number, and the draws that follow. */
function chosen(seed: number, number: number): Kind & { readonly random: Random } {
  const random = createRandom(Math.imul(seed + 1, 0x9e3779b1) + Math.imul(number, 7919));
  let draw = random.next() * KINDS.reduce((sum, { share }) => sum + share, 0);
  return { ...(KINDS.find(({ share }) => (draw -= share) < 0) ?? KINDS[0]!), random };
}
