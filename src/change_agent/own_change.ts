import { MAX_CHANGE_AGENT_LENGTH } from "../smartsheet/headers.ts";

/** Whose change an event is. `cut` is also ours, but only recognised by the end of our identity. */
export type Origin = "own" | "cut" | "other";

/** How often a list may be encoded on its way. */
const MAX_ENCODINGS = 3;

/**
 * Tells whether a `changeAgent` list holds `identity`: a token is ours if any reading of it, trimmed, equals it.
 *
 * SDKs of other languages encode the value at each hop (Java and C# send `,` as `%2C`). So the list is read as it is, and
 * decoded up to three times, with `+` as itself and as a blank. A value of 512 characters may have lost its front: its first
 * token is ours (`cut`) if it is a proper tail of `identity`.
 */
export function originOf(changeAgent: string, identity: string): Origin {
  const all = readings(changeAgent);
  for (const reading of all) {
    if (reading.split(",").some((token) => token.trim() === identity)) return "own";
  }
  if (changeAgent.length < MAX_CHANGE_AGENT_LENGTH) return "other";
  for (const reading of all) {
    const first = firstOf(reading, ",").trim();
    if (first && identity.endsWith(first)) return "cut";
  }
  return isCutInTriple(changeAgent, identity) ? "cut" : "other";
}

/** The tokens of the list without `identity`. An encoded token that contains it is decoded first. */
export function othersOf(changeAgent: string, identity: string): string[] {
  return changeAgent.split(",").flatMap((token) => {
    for (const reading of readings(token)) {
      const pieces = reading.split(",");
      const others = pieces.filter((piece) => piece.trim() !== identity);
      if (others.length < pieces.length) return others.flatMap((other) => othersOf(other, identity));
    }
    return token;
  });
}

/** The value itself, decoded once, twice and three times, and each of these with `+` as a blank. */
function readings(value: string): Set<string> {
  const all = new Set([value]);
  // Most values are plain. Our identity is ASCII, so only triples of ASCII matter.
  if (!/[%+]/.test(value)) return all;
  let level = [value];
  for (let decoded = 0; decoded <= MAX_ENCODINGS; decoded++) {
    level = level.flatMap((text) => [text, text.replaceAll("+", " ")]);
    for (const text of level) all.add(text);
    level = [...new Set(level.map(decodeAscii))];
  }
  return all;
}

function decodeAscii(text: string): string {
  return text.replace(/%([0-7][0-9a-f])/gi, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
}

/**
 * True for an encoded list that was cut inside a triple, e.g. to the `2C` of `%2C`, so that it can't be decoded. Compares its
 * first token with the end of an encoded comma and our encoded identity.
 */
function isCutInTriple(changeAgent: string, identity: string): boolean {
  const list = changeAgent.toLowerCase();
  let comma = encodeURIComponent(",");
  // Forms encode a blank as "+".
  let names = [encodeURIComponent(identity), encodeURIComponent(identity).replaceAll("%20", "+")];
  for (let encoded = 1; encoded <= MAX_ENCODINGS; encoded++) {
    const first = firstOf(list, comma.toLowerCase());
    if (names.some((name) => endsWith(comma + name, first))) return true;
    comma = encodeURIComponent(comma);
    names = names.map(encodeURIComponent);
  }
  return false;
}

/** True if `text` ends with `end`, which is lower case and not empty. */
function endsWith(text: string, end: string): boolean {
  return end !== "" && text.toLowerCase().endsWith(end);
}

function firstOf(list: string, separator: string): string {
  return list.split(separator, 1)[0]!;
}
