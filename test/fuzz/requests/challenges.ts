import type { Random } from "../../soak/random.ts";
import type { FuzzRequest } from "../http/request.ts";
import {
  callbackOf,
  CHALLENGE,
  post,
  secretOf,
  sign,
  SIGNATURE,
  signedPost,
  WEBHOOKS,
  withHeader,
} from "./callback.ts";

const LETTERS = "!\"#$%&'()*+,-./0123456789:;<=>?@ABCXYZ[\\]^_`abcxyz{|}~";

/** A challenge that must be echoed: in the header, in the body, or in both. */
export function challengePost(random: Random): FuzzRequest {
  const challenge = challengeOf(random);
  const body = JSON.stringify({ challenge, webhookId: random.pick(WEBHOOKS)[0] });
  const header = [CHALLENGE, challenge] as const;
  switch (random.between(0, 3)) {
    case 0:
      return post(body);
    case 1:
      return post(random.pick(["", "no", "{}", "[]"]), header);
    default:
      return post(body, header);
  }
}

/** What has to do with challenges, and mostly mustn't be echoed. */
export function oddChallenge(number: number, random: Random): FuzzRequest {
  const challenge = challengeOf(random);
  const odd = random.pick([
    "",
    " ",
    "a b",
    "x".repeat(257),
    "x".repeat(256),
    "n\u00e9",
    "\t",
    "a\x7fb",
    "x".repeat(5000),
    challenge,
    "<b>",
    "%0d%0a",
  ]);
  const value = random.pick([odd, 5, null, true, [challenge], { challenge }, "\ud800", "a\r\nb", challenge, undefined]);
  const webhookId = random.pick([WEBHOOKS[0]![0], 5, null, String(WEBHOOKS[0]![0]), -1, 1e300, {}, undefined]);
  const body = JSON.stringify({ challenge: value, webhookId, ...(random.chance(0.1) && { more: "x".repeat(20_000) }) });
  const members = callbackOf(number, random);
  switch (random.between(0, 6)) {
    case 0:
      return post(body);
    case 1:
      return post(body, [CHALLENGE, odd]);
    case 2:
      return post(body, [CHALLENGE, challenge]);
    case 3:
      return withHeader(post(body), CHALLENGE, challenge, random.pick([challenge, odd]));
    case 4: {
      const both = JSON.stringify({ ...members, challenge });
      return post(both, [SIGNATURE, sign(both, secretOf(members))]);
    }
    case 5:
      return signedPost({ challenge: value, ...(random.chance(0.5) && members), events: null });
    default:
      return withHeader(signedPost(members), CHALLENGE, random.pick([challenge, odd]));
  }
}

function challengeOf(random: Random): string {
  if (random.chance(0.3)) return "d78dd1d3-01ce-4481-81de-92b4f3aa5ab1";
  return Array.from({ length: random.pick([1, 20, 36, 255, 256]) }, () => random.pick([...LETTERS])).join("");
}
