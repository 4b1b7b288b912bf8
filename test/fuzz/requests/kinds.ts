import type { Random } from "../../soak/random.ts";
import { callbackOf, signedPost, statusOf } from "./callback.ts";
import { challengePost, oddChallenge } from "./challenges.ts";
import type { Made } from "./fuzz_case.ts";
import { CONNECTION_KINDS } from "./connections.ts";
import { HEAD_KINDS } from "./heads.ts";
import { oddBody } from "./odd_bodies.ts";
import { oddSignature, unsigned } from "./signatures.ts";
import { SIZE_KINDS } from "./sizes.ts";

/** One kind of request, and how often it comes, compared with the others. */
export interface Kind {
  readonly kind: string;
  readonly share: number;
  /** `randomFor` gives the draws of the case of another number. */
  readonly make: (number: number, random: Random, randomFor: (number: number) => Random) => Made;
}

/** Every kind of request that is sent. */
export const KINDS: readonly Kind[] = [
  { kind: "callback", share: 20, make: (number, random) => signedPost(callbackOf(number, random)) },
  { kind: "status callback", share: 4, make: (number, random) => signedPost(statusOf(number, random)) },
  { kind: "callback again", share: 4, make: callbackAgain },
  { kind: "challenge", share: 8, make: (_, random) => challengePost(random) },
  { kind: "odd challenge", share: 8, make: (number, random) => oddChallenge(number, random) },
  { kind: "odd signature", share: 10, make: (number, random) => oddSignature(number, random) },
  { kind: "changed or unsigned body", share: 8, make: (number, random) => unsigned(number, random) },
  {
    kind: "odd body",
    share: 20,
    make(number, random) {
      const { members, body } = oddBody(number, random);
      return signedPost(members, body);
    },
  },
  ...HEAD_KINDS,
  ...SIZE_KINDS,
  ...CONNECTION_KINDS,
];

/** What was, or wasn't, sent under a number shortly before, and once more under its own. */
function callbackAgain(number: number, random: Random, randomFor: (number: number) => Random): Made {
  const before = Math.max(0, number - random.between(1, 200));
  const again = signedPost(callbackOf(before, randomFor(before)));
  return random.chance(0.5) ? again : { requests: [again, again] };
}
