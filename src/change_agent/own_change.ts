/** Whose change an event is: `cut` is ours too, but known by the rest of our name only. */
export type Origin = "own" | "cut" | "other";

/** Smartsheet cuts the front of a longer value. */
export const MAX_LENGTH = 512;

/**
 * Tells whether a `changeAgent` list holds `identity`: a token is ours if any reading of it, trimmed, equals it.
 *
 * SDKs of other languages encode the value, each at its own hop (Java and C# send `,` as `%2C`), so the list is read as
 * it is and after decoding percent triples up to three times, with `+` as it is and as a blank. A value that is 512
 * long may have lost its front: there the first token is ours (`cut`) if it is a proper tail of `identity`.
 */
export function originOf(changeAgent: string, identity: string): Origin {
  for (const reading of readings(changeAgent)) {
    if (reading.split(",").some((token) => token.trim() === identity)) return "own";
  }
  if (changeAgent.length < MAX_LENGTH) return "other";
  // The cut may go through a triple: what is left of "%2C", "%252C" or "%20" then stands before the first token.
  const whole = changeAgent.includes("%") ? changeAgent.replace(/^(?:5?(?:25){0,2}2)?[C0]/i, "") : changeAgent;
  for (const reading of [...readings(changeAgent), ...readings(whole)]) {
    const first = reading.split(",", 1)[0]!.trim();
    if (first && identity.endsWith(first)) return "cut";
  }
  return "other";
}

/** The list without `identity`, as tokens; a token in which it is hidden by encoding is taken apart for that. */
export function othersOf(changeAgent: string, identity: string): string[] {
  return changeAgent.split(",").flatMap((token) => {
    for (const reading of readings(token)) {
      const pieces = reading.split(",");
      const others = pieces.filter((piece) => piece.trim() !== identity);
      if (others.length < pieces.length) return others;
    }
    return token;
  }).filter((token) => token.trim());
}

/** The value itself, decoded once, twice and three times, and each of these with `+` as a blank. */
function readings(value: string): Set<string> {
  const all = new Set([value]);
  // Most values are plain; and ours is plain ASCII, so that no other triple can matter.
  if (!/[%+]/.test(value)) return all;
  let level = [value];
  for (let decoded = 0; decoded <= 3; decoded++) {
    level = level.flatMap((text) => [text, text.replaceAll("+", " ")]);
    for (const text of level) all.add(text);
    level = [...new Set(level.map(decodeAscii))];
  }
  return all;
}

function decodeAscii(text: string): string {
  return text.replace(/%([0-7][0-9a-f])/gi, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
}
