/** A JSON text that was read, and where its parts are. */
export interface PlacedJson {
  readonly value: unknown;
  /** The line of a value or, for a key that is missing, of what it is missing in; from 1. */
  lineOf(path: readonly (string | number)[]): number;
}

const SCALAR = /"(?:[^"\\\n]|\\.)*"|-?\d[\d.eE+-]*|true|false|null/y;
const BLANKS = /[ \t\r\n]*/y;

/**
 * Reads JSON as JSON.parse does, remembers the lines, and refuses a key that comes twice in one object.
 *
 * @throws {Error} with the line and the column
 */
export function parseJsonWithLines(source: string): PlacedJson {
  const text = source.replace(/^\uFEFF/, "");
  const offsets = new Map<string, number>();
  let at = 0;

  const lineAt = (offset: number) => text.slice(0, offset).split("\n").length;

  function fail(problem: string, offset = at): never {
    const column = offset - text.lastIndexOf("\n", offset - 1);
    throw new Error(`line ${lineAt(offset)}, column ${column}: ${problem}`);
  }

  function match(pattern: RegExp): string | undefined {
    pattern.lastIndex = at;
    const [found] = pattern.exec(text) ?? [];
    at += found?.length ?? 0;
    return found;
  }

  /** Skips blanks, then one of these characters. */
  function take(characters: string): string | undefined {
    match(BLANKS);
    const next = text[at];
    if (next === undefined || !characters.includes(next)) return undefined;
    at++;
    return next;
  }

  function scalar(what: string): unknown {
    match(BLANKS);
    const start = at;
    const found = match(SCALAR);
    try {
      if (found !== undefined) return JSON.parse(found);
    } catch {
      // Such as 01 or "\x".
    }
    const rest = text.slice(start, start + 20).split("\n")[0]!;
    return fail(
      rest ? `${JSON.stringify(rest)} is no JSON here, but should be ${what}` : "the text ends too early",
      start,
    );
  }

  function list(path: readonly (string | number)[]): unknown[] {
    const items: unknown[] = [];
    if (take("]")) return items;
    do items.push(value([...path, items.length])); while (take(","));
    if (!take("]")) fail("a list goes on with a comma or ends with ]");
    return items;
  }

  function object(path: readonly (string | number)[]): Record<string, unknown> {
    const entries = new Map<string, unknown>();
    if (take("}")) return {};
    do {
      match(BLANKS);
      const start = at;
      const key = scalar("a key in double quotes");
      if (typeof key !== "string") fail("a key should be in double quotes", start);
      if (entries.has(key)) fail(`${JSON.stringify(key)} is there twice`, start);
      if (!take(":")) fail("a colon should follow a key");
      entries.set(key, value([...path, key]));
      offsets.set(JSON.stringify([...path, key]), start);
    } while (take(","));
    if (!take("}")) fail("an object goes on with a comma or ends with }");
    return Object.fromEntries(entries);
  }

  function value(path: readonly (string | number)[]): unknown {
    match(BLANKS);
    offsets.set(JSON.stringify(path), at);
    if (take("{")) return object(path);
    if (take("[")) return list(path);
    return scalar("a value");
  }

  const parsed = value([]);
  match(BLANKS);
  if (at < text.length) fail("nothing should follow the value");
  return {
    value: parsed,
    lineOf(path) {
      for (let length = path.length; length >= 0; length--) {
        const offset = offsets.get(JSON.stringify(path.slice(0, length)));
        if (offset !== undefined) return lineAt(offset);
      }
      return 1;
    },
  };
}
