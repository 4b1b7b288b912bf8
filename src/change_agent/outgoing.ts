import { MAX_CHANGE_AGENT_LENGTH } from "../smartsheet/headers.ts";
import { othersOf } from "./own_change.ts";

/** `%25252C` */
const LONGEST_COMMA = 7;

/**
 * The `Smartsheet-Change-Agent` value of a write made because of events with these `changeAgent` lists: their tokens, then
 * `identity`. Tokens of several lists appear once, in order. At most 512 characters: whole tokens are dropped from the
 * front, where Smartsheet cuts. Characters that a header can't hold are percent-encoded.
 */
export function outgoingChangeAgent(received: readonly string[], identity: string): string {
  if (!received.length) return identity;
  const tokens = received.flatMap((list) => othersOf(list, identity)).filter((token) => token.trim()).map(
    encodeForHeader,
  );
  const theirs = received.length > 1 ? onceEach(tokens) : tokens;
  let value = [...theirs, identity].join(",").slice(-MAX_CHANGE_AGENT_LENGTH - LONGEST_COMMA);
  // Cuts behind a comma, or an encoded comma: a list that was encoded as a whole is one token here, but holds several.
  while (value.length > MAX_CHANGE_AGENT_LENGTH) value = value.replace(/^.*?(?:,|%(?:25){0,2}2C)/is, "");
  return value;
}

function onceEach(tokens: readonly string[]): string[] {
  const seen = new Map<string, string>();
  for (const token of tokens) {
    const name = token.trim();
    if (!seen.has(name)) seen.set(name, token);
  }
  return [...seen.values()];
}

function encodeForHeader(list: string): string {
  return list.replace(/[^\x20-\x7e]+/g, (text) =>
    Array.from(
      new TextEncoder().encode(text),
      (byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`,
    ).join(""));
}
