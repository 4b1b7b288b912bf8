/** What comes from outside, on one line, without what would move a terminal's cursor, or the text about. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]+/gu, " ").trim();
}

/** The same text over its lines, with control characters made visible. */
export function withVisibleControls(text: string): string {
  const escape = (char: string) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return text.replace(/(?!\n)[\p{Cc}\p{Cf}]/gu, (char) => char.split("").map(escape).join(""));
}
