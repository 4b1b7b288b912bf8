import { Buffer } from "node:buffer";
import type { Random } from "../../soak/random.ts";
import { type FuzzRequest, requestBytes } from "../http/request.ts";
import { callbackOf, CHALLENGE, post, signedPost, withHeader } from "./callback.ts";
import type { Made } from "./fuzz_case.ts";
import type { Kind } from "./kinds.ts";

const METHODS = "GET GET HEAD PUT PATCH DELETE OPTIONS TRACE CONNECT QUERY PURGE PROPFIND post Post P0ST PO-ST X".split(
  " ",
);
const PATHS = [
  ..."/ /webhook/ /webhook/x //webhook /webhook// /WEBHOOK /Webhook /web /webhook2 /healthz/ /healthz /healthz?x /HEALTHZ"
    .split(" "),
  ..."/%77ebhook /webhook%2f /webhook%00 /webhook%20 /%2e/webhook /./webhook /x/../webhook /../webhook /webhook/.. /%"
    .split(" "),
  ..."/%zz /webhook%zz /%c3%28 /webhook?x=%zz /webhook? /webhook?a=1&b /webhook;x=1 /webhook?/healthz /:path /* /{a} \\webhook"
    .split(" "),
  ..."/metrics /console /readyz /webhook/console /.env /.git/config /etc/passwd /..%2f..%2fetc/passwd /webhook.php"
    .split(" "),
  ..."http://127.0.0.1/webhook http://other/webhook https://[::1]/webhook * webhook http: //// /\u00e9 /webhook#x"
    .split(" "),
  ..."/__proto__ /constructor/prototype /webhook?__proto__=1".split(" "),
];
const TYPES = [
  "text/plain",
  "",
  "application/x-www-form-urlencoded",
  "multipart/form-data",
  "application/json; charset=utf-16",
  "*/*",
  "\u00ff",
];
const HEADERS: readonly (readonly [string, string])[] = [
  ["Content-Encoding", "gzip"],
  ["Content-Encoding", "identity"],
  ["Content-Encoding", "br, deflate"],
  ["Accept", "text/html"],
  ["Accept-Encoding", "gzip;q=0"],
  ["Expect", "100-continue"],
  ["Range", "bytes=0-1"],
  ["If-None-Match", "*"],
  ["If-Modified-Since", "Thu, 01 Jan 1970 00:00:00 GMT"],
  ["X-Forwarded-Proto", "https"],
  ["X-HTTP-Method-Override", "DELETE"],
  ["Origin", "https://example.com"],
  ["Cookie", "a=b; __proto__=1"],
  ["Authorization", "Basic Og=="],
  ["Smartsheet-Hook-Id", "5"],
  ["Smartsheet-Change-Agent", "sheethook"],
  ["traceparent", "00-00000000000000000000000000000000-0000000000000000-00"],
  ["traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"],
  ["Upgrade", "h2c"],
  ["__proto__", "x"],
  ["constructor", "x"],
  ["Connection", "keep-alive"],
  ["Connection", "close"],
];

const callback = (number: number, random: Random) => signedPost(callbackOf(number, random));

function longHeaders(number: number, random: Random): Made {
  const count = random.pick([50, 90, 200, 500, 1]);
  const length = random.pick([1, 10, 100, 7000]);
  const more = Array.from({ length: count }, (_, index) => [`X-Fuzz-${index}`, "x".repeat(length)] as const);
  const { headers, ...request } = callback(number, random);
  const long: FuzzRequest = { ...request, headers: [...headers, ...more] };
  // How much of it is taken is up to the runtime.
  return { requests: [long], ending: count * (length + 12) > 6000 || count > 90 ? "lenient" : "whole" };
}

function malformed(number: number, random: Random): Made {
  const request = callback(number, random);
  const bytes = requestBytes(request, random);
  const text = bytes.toString("latin1");
  const body = request.body.toString("latin1");
  const length = `Content-Length: ${body.length}`;
  const chunk = `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
  const chunkedHead = text.slice(0, -body.length).replace(length, "Transfer-Encoding: chunked");
  const changed = random.pick([
    () => text.replace(length, `${length}\r\nContent-Length: 1`),
    () =>
      text.replace(
        length,
        random.pick([
          "Content-Length: -1",
          "Content-Length: x",
          "Content-Length: ",
          "Content-Length: 1e9",
          "Content-Length: 99999999999999999999",
        ]),
      ),
    () => text.replace(length, `${length}\r\nTransfer-Encoding: chunked`),
    () =>
      text.replace(length, `Transfer-Encoding: ${random.pick(["gzip", "chunked, x", "xchunked", "chunked, chunked"])}`),
    () => chunkedHead + random.pick(["x", "-1", "ffffffffffffffffff", "1 1", "", "0x5"]) + "\r\n" + chunk,
    () => chunkedHead + chunk.replace("\r\n", "\n"),
    () => chunkedHead + chunk.replace(`${body}\r\n`, `${body}zz`),
    // Trailer fields are legal, but Bun refuses them.
    () => chunkedHead + chunk.replace(/\r\n$/, "Trailer-Field: x\r\n\r\n"),
    () => text.replaceAll("\r\n", "\n"),
    () => text.replaceAll("\r\n", "\r"),
    () =>
      text.replace(
        "Content-Type: ",
        random.pick([
          "Content-Type : ",
          "Content Type: ",
          ": ",
          " Content-Type: ",
          "Content-Type",
          "\0: ",
          "Content\u00e9: ",
        ]),
      ),
    () => text.replace("application/json", random.pick(["a\0b", "a\rb", "a\nb: c", "a\r\n b", "a\x01b"])),
    () =>
      text.replace(
        "HTTP/1.1",
        random.pick(["HTTP/1.2", "HTTP/2.0", "HTTP/0.9", "HTTP/9", "HTTPS/1.1", "http/1.1", "", "HTTP/1.1 x"]),
      ),
    () => text.replace("POST ", random.pick(["POST  ", " POST ", "\r\n\r\nPOST ", "POST\t", "P\0ST ", "", "{} "])),
    () =>
      text.replace(
        "Host: 127.0.0.1",
        random.pick(["Host: a b", "Host: ", "X: y", "Host: 127.0.0.1\r\nHost: other", "Host: [", "Host: a/b?c@d"]),
      ),
    () =>
      text.replace(
        "/webhook",
        random.pick(["/web hook", "", "/web\0hook", "/webhook\t", "?x", `/${"x".repeat(random.pick([3000, 20_000]))}`]),
      ),
    () => "GET\r\n\r\n",
    () => "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    () =>
      Array.from({ length: random.between(1, 300) }, () => String.fromCharCode(random.between(0, 255))).join("") +
      "\r\n\r\n",
  ])();
  return { requests: [request], pieces: [Buffer.from(changed, "latin1")], ending: "malformed" };
}

/** Kinds that are odd in their request line or their headers. */
export const HEAD_KINDS: readonly Kind[] = [
  {
    kind: "method",
    share: 4,
    make: (number, random) => ({ ...callback(number, random), method: random.pick(METHODS) }),
  },
  {
    kind: "path",
    share: 5,
    make: (number, random) => ({
      ...(random.chance(0.7) ? callback(number, random) : post("", [CHALLENGE, "V"])),
      target: random.chance(0.05) ? `/${"x/".repeat(random.between(100, 3000))}` : random.pick(PATHS),
      ...(random.chance(0.2) && { method: "GET", framing: "none", body: Buffer.alloc(0) }),
    }),
  },
  {
    kind: "odd header",
    share: 4,
    make(number, random) {
      const request = random.chance(0.8) ? callback(number, random) : post("", [CHALLENGE, "V"]);
      return random.chance(0.3)
        ? withHeader(request, "Content-Type", random.pick(TYPES))
        : { ...request, headers: [...request.headers, random.pick(HEADERS)] };
    },
  },
  { kind: "long headers", share: 1.5, make: longHeaders },
  { kind: "malformed", share: 5, make: malformed },
];
