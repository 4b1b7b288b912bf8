/** Random values, the same for the same seed. */
export interface Random {
  /** A number from 0 up to, but not including, 1. */
  next(): number;
  /** An id like Smartsheet's: 16 digits, below 2^53. */
  id(): number;
  /** A string of this length of `[0-9a-z]`. */
  text(length: number): string;
  uuid(): string;
}

/** A small generator (mulberry32), as web standards have no seedable one. */
export function createRandom(seed: string | number): Random {
  let state = 2166136261;
  for (const char of String(seed)) state = Math.imul(state ^ char.codePointAt(0)!, 16777619);

  function next(): number {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
  const hex = (length: number) => Array.from({ length }, () => Math.floor(next() * 16).toString(16)).join("");

  return {
    next,
    id: () => 1e15 + Math.floor(next() * 2 ** 32) * 1e6 + Math.floor(next() * 1e6),
    text: (length) => Array.from({ length }, () => Math.floor(next() * 36).toString(36)).join(""),
    uuid: () => `${hex(8)}-${hex(4)}-4${hex(3)}-${"89ab"[Math.floor(next() * 4)]}${hex(3)}-${hex(12)}`,
  };
}
