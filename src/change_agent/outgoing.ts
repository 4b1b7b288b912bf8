import { MAX_LENGTH, othersOf } from "./own_change.ts";

/**
 * The `Smartsheet-Change-Agent` value of a write that is made because of events with these `changeAgent` lists: their
 * tokens, each once, in order, then `identity`. At most 512 long: whole tokens go from the front, as Smartsheet cuts
 * there. What a header can't hold is percent-encoded.
 */
export function outgoingChangeAgent(received: readonly string[], identity: string): string {
  const tokens = new Map<string, string>();
  for (const list of received) {
    for (const token of othersOf(encodeForHeader(list), identity)) {
      if (!tokens.has(token.trim())) tokens.set(token.trim(), token);
    }
  }
  const kept = [...tokens.values(), identity];
  let length = kept.reduce((sum, token) => sum + token.length + 1, -1);
  let dropped = 0;
  while (length > MAX_LENGTH) length -= kept[dropped++]!.length + 1;
  return kept.slice(dropped).join(",");
}

function encodeForHeader(list: string): string {
  return list.replace(
    /[^\x20-\x7e]+/g,
    (text) =>
      Array.from(new TextEncoder().encode(text), (byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`).join(
        "",
      ),
  );
}
