import type { Option } from "commander";

/** What the help says of an option: what it does, then its default and its variable in one pair of parentheses. */
export function optionText({ description, defaultValue, defaultValueDescription, envVar }: Option): string {
  const [, text, ownDefault] = /^(.*?)(?: \(default: ([^)]*)\))?$/s.exec(description)!;
  // An empty list has no text.
  const preset = ownDefault ?? (defaultValue === undefined ? undefined : defaultValueDescription || undefined);
  const notes = [preset !== undefined && `default: ${preset}`, envVar && `env: ${envVar}`].filter(Boolean);
  return notes.length ? `${text} (${notes.join(", ")})` : text!;
}
