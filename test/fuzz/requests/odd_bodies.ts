import { Buffer } from "node:buffer";
import type { Random } from "../../soak/random.ts";
import { callbackOf, statusOf, timestampOf, WEBHOOKS } from "./callback.ts";

/** Members, and the body that is sent for them. */
export interface OddBody {
  readonly members: Record<string, unknown>;
  readonly body: string | Buffer;
}

/** Values for any member, as JSON texts. */
const VALUES = [
  ..."null true false 0 -0 -1 1.5 1e3 1e400 -1e400 9007199254740991 9007199254740992 123456789012345678901234567890"
    .split(" "),
  ...'[] {} [[]] [{}] [null] [5] NaN Infinity undefined 01 0x10 +1 .5 1. \'1\' "" " "'.split(" "),
  '"x"',
  '"\\ud800"',
  '"\\udc00\\ud800"',
  '"\\u0000"',
  '"\\uZZZZ"',
  '"\\x41"',
  '"\t"',
  '"😀"',
  '"\u2028"',
  '{"__proto__":{"events":[]}}',
  '{"toString":null}',
  '{"length":-1}',
  '{"then":1}',
];
const MEMBERS = [
  "nonce",
  "timestamp",
  "webhookId",
  "scope",
  "scopeObjectId",
  "events",
  "newWebhookStatus",
  "challenge",
];
const KEYS = [
  "__proto__",
  "constructor",
  "toString",
  "toJSON",
  "then",
  "hasOwnProperty",
  "",
  "nonce ",
  "NONCE",
  "événement",
];

const json = JSON.stringify;

/** One member's text in the place of another, wherever it stands. */
function textWith(members: Record<string, unknown>, name: string, value: string, isBehind = true): string {
  const rest = Object.entries(members).filter(([key]) => key !== name).map(([key, value]) =>
    `${json(key)}:${json(value)}`
  );
  const own = `${json(name)}:${value}`;
  return `{${(isBehind ? [...rest, own] : [own, ...rest]).join(",")}}`;
}

type Make = (number: number, random: Random) => OddBody;

function odd(change: (members: Record<string, unknown>, random: Random, number: number) => string | Buffer): Make {
  return (number, random) => {
    const members = random.chance(0.8) ? callbackOf(number, random) : statusOf(number, random);
    return { members, body: change(members, random, number) };
  };
}

const withEvent = (text: string, number: number) =>
  `[{"objectType":"row","eventType":"updated","id":${number * 10},${text}}]`;

/** Ways in which a body that is signed may be odd. */
const MAKES: readonly Make[] = [
  odd((members, random) => textWith(members, random.pick(MEMBERS), random.pick(VALUES), random.chance(0.5))),
  odd((members, random, number) => textWith(members, "events", `[{"id":${number * 10}},${random.pick(VALUES)}]`)),
  odd((members, random) => {
    const { [random.pick(Object.keys(members))]: _, ...rest } = members;
    return json(rest);
  }),
  // Twice the same key: the last one counts.
  odd((members, random) => {
    const name = random.pick(Object.keys(members));
    const text = `${json(name)}:${random.pick([json(members[name]), ...VALUES])}`;
    return random.chance(0.5) ? json(members).replace("{", `{${text},`) : json(members).replace(/\}$/, `,${text}}`);
  }),
  odd((members, random) => textWith(members, random.pick(KEYS), random.pick(VALUES), random.chance(0.5))),
  odd((members, random, number) =>
    textWith(
      members,
      "events",
      withEvent(
        `${json(random.pick([...KEYS, "id2", "rowId", "columnId", "userId", "changeAgent"]))}:${random.pick(VALUES)}`,
        number,
      ),
    )
  ),
  odd((members, random, number) => {
    const depth = random.pick([2, 60, 150, 900, 1100, 4000]);
    return textWith(members, "events", withEvent(`"deep":${"[".repeat(depth)}${"]".repeat(depth)}`, number));
  }),
  odd((_, random) => {
    const depth = random.pick([10, 1000, 7000]);
    return random.chance(0.5) ? "[".repeat(depth) : `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`;
  }),
  odd((members, _, number) => json({ ...members, nonce: `fuzz-${number}-\ud800` }).replace("\ud800", "\\ud800")),
  odd((members, _, number) => json({ ...members, nonce: `fuzz-${number}-\0\x1b[31m` })),
  odd((members, random, number) =>
    json({ ...members, nonce: `${number}`.padEnd(random.pick([255, 256, 257, 5000]), "n") })
  ),
  odd((members, random, number) =>
    json({
      ...members,
      timestamp: timestampOf(number, random.pick(["", "z", "+0100", "-14:00", "+25:00", "+00", " "])),
    })
  ),
  odd((members) => Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(json(members))])),
  odd((members, random) => {
    const bytes = Buffer.from(json({ ...members, more: "xxxx" }));
    return Buffer.concat([
      bytes.subarray(0, -4),
      Buffer.from(random.pick([[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf8]])),
      bytes.subarray(-4),
    ]);
  }),
  odd((members) => Buffer.from(json(members), "utf16le")),
  odd((members, random) => json(members).replaceAll(",", random.pick([" ,\n", "\t,\r\n", ",\u00a0", ",/**/", ",,"]))),
  odd((members, random) => json(members) + random.pick([" ", "\n", "\0", "}", "x", "[]"])),
  odd((members, random) =>
    random.pick([json([members]), json(json(members)), "null", "5", '""', "true", "", " ", "nonce=1"])
  ),
  odd((members) => json({ ...members, webhookId: 5 })),
  odd((members) => json(members).replace('"webhookId"', '"\\u0077ebhookId"')),
  odd((members, random) => json({ ...members, webhookId: String(members.webhookId), scopeObjectId: random.next() })),
  odd((members, random) => `{"webhookId":${random.pick(WEBHOOKS)[0]},${json(members).slice(1)}`),
  odd((members) => json({ callback: members, webhookId: members.webhookId })),
  odd((members, _, number) => json({ ...members, newWebhookStatus: `${number}`, events: [] })),
  odd((members, random) => json({ ...members, challenge: random.pick(["V", null, 5, ""]) })),
];

/** A body of one of the odd shapes, which its sender means to sign. */
export function oddBody(number: number, random: Random): OddBody {
  return random.pick(MAKES)(number, random);
}

/** The body with some bytes changed, cut off, doubled or added. */
export function flipped(body: Buffer, random: Random): Buffer {
  const at = random.between(0, Math.max(0, body.length - 1));
  const bytes = Buffer.from(body);
  switch (random.between(0, 4)) {
    case 0:
      return body.subarray(0, at);
    case 1:
      return Buffer.concat([body, Buffer.from(random.pick([" ", "\0", "}", "\n"]))]);
    case 2:
      return Buffer.concat([body.subarray(0, at), body.subarray(at >> 1)]);
    default:
      for (let count = random.between(1, 3); count && bytes.length; count--) {
        const place = random.between(0, bytes.length - 1);
        bytes[place] = bytes[place]! ^ (1 << random.between(0, 7));
      }
      return bytes;
  }
}
