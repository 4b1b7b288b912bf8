/** A length of time, in its two largest units: `3h20m`. */
export function ageText(ms: number): string {
  const seconds = Math.max(Math.round(ms / 1000), 0);
  const parts = [[86_400, "d"], [3600, "h"], [60, "m"], [1, "s"]] as const;
  const first = parts.findIndex(([size]) => seconds >= size);
  if (first < 0) return "0s";
  let rest = seconds;
  return parts.slice(first, first + 2).map(([size, unit]) => {
    const count = Math.floor(rest / size);
    rest -= count * size;
    return count ? `${count}${unit}` : "";
  }).join("");
}

/** A time in ISO 8601; undefined if there is none. @param ms since 1970 */
export function isoTime(ms: number): string;
export function isoTime(ms: number | undefined): string | undefined;
export function isoTime(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : new Date(ms).toISOString();
}
