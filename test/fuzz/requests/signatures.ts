import type { Random } from "../../soak/random.ts";
import type { FuzzRequest } from "../http/request.ts";
import { callbackOf, post, secretOf, sign, SIGNATURE, signedPost, WEBHOOKS, withHeader } from "./callback.ts";
import { flipped, oddBody } from "./odd_bodies.ts";

/** A callback with one or more signatures, few of which are right. */
export function oddSignature(number: number, random: Random): FuzzRequest {
  if (random.chance(0.1)) return withoutLeadingZeros(number, random);
  const members = callbackOf(number, random);
  const body = JSON.stringify(members);
  const right = sign(body, secretOf(members));
  const wrong = random.pick([
    "",
    "0",
    "f".repeat(64),
    right.slice(1),
    right.slice(0, -1),
    `${right}0`,
    `0${right}`,
    right.toUpperCase(),
    right.replace(/[a-f]/, (letter) => letter.toUpperCase()),
    ` ${right}\t`,
    `sha256=${right}`,
    `"${right}"`,
    `${right},${right}`,
    `${right.slice(0, 32)} ${right.slice(32)}`,
    BigInt(`0x${right}`).toString(),
    `0x${right}`,
    btoa(right),
    right.replace(/./, "\u00e9"),
    right.replace(/.$/, (digit) => digit === "0" ? "1" : "0"),
    sign(body, `${secretOf(members)} `),
    sign(body, WEBHOOKS.find(([id]) => id !== members.webhookId)![1]),
    sign(`${body} `, secretOf(members)),
    "x".repeat(3000),
    right,
  ]);
  if (random.chance(0.2)) return withHeader(post(body), SIGNATURE, wrong, right);
  if (random.chance(0.1)) return withHeader(post(body), SIGNATURE, right, wrong);
  return post(body, [random.pick([SIGNATURE, SIGNATURE.toLowerCase(), SIGNATURE.toUpperCase(), "X-Hmac"]), wrong]);
}

function withoutLeadingZeros(number: number, random: Random): FuzzRequest {
  const members = callbackOf(number, random);
  for (let count = 0;; count++) {
    const body = JSON.stringify({ ...members, count });
    const signature = sign(body, secretOf(members));
    if (signature.startsWith("0")) return post(body, [SIGNATURE, signature.replace(/^0+/, "")]);
  }
}

/** A body that isn't the one that was signed, or that nobody has signed. */
export function unsigned(number: number, random: Random): FuzzRequest {
  const members = callbackOf(number, random);
  const signed = signedPost(members);
  if (random.chance(0.6)) return { ...signed, body: flipped(signed.body, random) };
  if (random.chance(0.3)) return post(random.pick(["", "no", "{}", "null", "\0"]));
  return post(random.chance(0.5) ? signed.body : oddBody(number, random).body);
}
