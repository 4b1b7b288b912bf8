import type { Parts } from "./parts.ts";

const OPEN_BRACE = 0x7b, CLOSE_BRACE = 0x7d, OPEN_BRACKET = 0x5b, CLOSE_BRACKET = 0x5d;
const QUOTE = 0x22, BACKSLASH = 0x5c, COLON = 0x3a, FIRST_VISIBLE = 0x21;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];
const KEY = Array.from("webhookId", (letter) => letter.charCodeAt(0));

/** How much of a body is searched from either end: more would cost an attacker's large body more than its HMAC. */
const SEARCHED_BYTES = 16 * 1024;
/** A number that is written in more characters is no id. */
const LONGEST_NUMBER = 64;

const decoder = new TextDecoder();

/**
 * Finds the id of the webhook that a body names, without parsing the body. It is a hint: it chooses the secret by which
 * the body is verified. Once the body is parsed, the id that it really names has to be compared with the hint.
 *
 * The hint is the first member `webhookId` of the outermost object, whatever is nested before it and however its key and
 * its number are written. Smartsheet puts it before the events. If the first 16 KiB have none, the hint is the last
 * `"webhookId": number` in the last 16 KiB.
 *
 * @returns undefined if there is none, or if it is no safe integer
 */
export function findWebhookId(body: Parts): number | undefined {
  const head = body.head(SEARCHED_BYTES + LONGEST_NUMBER);
  const colon = findColon(head.subarray(0, SEARCHED_BYTES));
  if (colon !== undefined) return parseInteger(decoder.decode(head.subarray(colon + 1, colon + 1 + LONGEST_NUMBER)));
  if (body.size <= SEARCHED_BYTES) return undefined;
  const end = decoder.decode(body.tail(SEARCHED_BYTES));
  const found = /^"webhookId"\s*:(.*)/s.exec(end.slice(end.lastIndexOf('"webhookId"')));
  return found?.[1] === undefined ? undefined : parseInteger(found[1].slice(0, LONGEST_NUMBER));
}

/** The place of the colon behind the first key `webhookId` of the outermost object. */
function findColon(body: Uint8Array): number | undefined {
  let at = skipBlanks(body, BYTE_ORDER_MARK.every((byte, index) => body[index] === byte) ? 3 : 0);
  if (body[at] !== OPEN_BRACE) return undefined;
  for (let depth = 0; at < body.length; at++) {
    switch (body[at]) {
      case OPEN_BRACE:
      case OPEN_BRACKET:
        depth++;
        break;
      case CLOSE_BRACE:
      case CLOSE_BRACKET:
        depth--;
        break;
      case QUOTE: {
        const start = at + 1;
        at = endOfString(body, start);
        if (depth !== 1 || !isKey(body, start, at)) break;
        const colon = skipBlanks(body, at + 1);
        // Without a colon it is a value that looks like the key.
        if (body[colon] === COLON) return colon;
      }
    }
  }
  return undefined;
}

function skipBlanks(body: Uint8Array, at: number): number {
  while (body[at]! < FIRST_VISIBLE) at++;
  return at;
}

/** The place of the quote that ends the string, or of the end of the body. */
function endOfString(body: Uint8Array, at: number): number {
  for (; at < body.length; at++) {
    if (body[at] === QUOTE) return at;
    if (body[at] === BACKSLASH) at++;
  }
  return body.length;
}

/** Whether the string is `webhookId`, each letter as it is or as an escape (`\u0077`). */
function isKey(body: Uint8Array, start: number, end: number): boolean {
  let at = start;
  for (const letter of KEY) {
    if (body[at] === letter) at++;
    else if (isEscapeOf(letter, body, at)) at += 6;
    else return false;
  }
  return at === end;
}

function isEscapeOf(letter: number, body: Uint8Array, at: number): boolean {
  if (body[at] !== BACKSLASH) return false;
  return decoder.decode(body.subarray(at, at + 6)).toLowerCase() === `\\u00${letter.toString(16)}`;
}

function parseInteger(text: string): number | undefined {
  const number = /^\s*(-?\d[\d.eE+-]*)/.exec(text);
  if (!number || number[0].length === LONGEST_NUMBER) return undefined;
  return Number.isSafeInteger(Number(number[1])) ? Number(number[1]) : undefined;
}
