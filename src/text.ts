/** Text from outside, on one line, without control characters that would move a terminal's cursor or reorder the text. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]+/gu, " ").trim();
}

/** Text from outside with its line breaks, and with control characters made visible. */
export function withVisibleControls(text: string): string {
  const escape = (char: string) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return text.replace(/(?!\n)[\p{Cc}\p{Cf}]/gu, (char) => char.split("").map(escape).join(""));
}

/** The text with a capital first letter. */
export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

const EMAIL = /[^\s@<>"'(),;:]{1,64}@[^\s@<>"'(),;:]{1,253}\.[^\s@<>"'(),;:.]{2,63}/g;

/** Puts `mask` in the place of e-mail addresses. */
export function replaceEmails(text: string, mask: string): string {
  return text.includes("@") ? text.replace(EMAIL, mask) : text;
}

/** The number of letters to change, add or remove to get from one word to the other (Levenshtein). */
export function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(next[j - 1]! + 1, row[j]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length]!;
}

/** True for one that begins with the other, and for two that differ by a third of their letters at most. Case is ignored. */
export function isSimilar(a: string, b: string): boolean {
  const [one, other] = [a.toLowerCase(), b.toLowerCase()];
  if (one.length > 2 && (one.startsWith(other) || other.startsWith(one))) return true;
  return editDistance(one, other) <= Math.max(one.length, other.length) / 3;
}

/** Compares in as many steps as `ours` is long, without a branch on a character: the time gives nothing away. */
export function isEqualInConstantTime(ours: string, theirs: string): boolean {
  let difference = ours.length ^ theirs.length;
  for (let index = 0; index < ours.length; index++) difference |= ours.charCodeAt(index) ^ theirs.charCodeAt(index);
  return difference === 0;
}

/** What a noun ends with behind that number. */
export function plural(count: number): string {
  return count === 1 ? "" : "s";
}
