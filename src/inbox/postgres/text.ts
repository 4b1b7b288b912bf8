/** A text as Postgres can keep it: it knows neither the character 0 nor halves of surrogate pairs. */
export function storable(text: string): string {
  return text.toWellFormed().replaceAll("\0", "\uFFFD");
}
