/** One way to break a file. */
export interface Mutant {
  /** Found exactly once in the file. */
  readonly from: string;
  readonly to: string;
  /** What is wrong with it then, for the table. */
  readonly what: string;
  /** Why nothing may catch it. Without a reason, something must. */
  readonly survives?: string;
}

/** The mutants of one file. */
export interface MutatedFile {
  readonly file: string;
  /** What covers it, in the order in which they run: `receive/body` is `test/receive/body_test.ts`. */
  readonly tests: readonly string[];
  readonly mutants: readonly Mutant[];
}

/** Breaks the text. @throws {Error} if `from` isn't there exactly once */
export function mutate(text: string, { from, to }: Mutant): string {
  const pieces = text.split(from);
  if (pieces.length !== 2) throw new Error(`found ${pieces.length - 1} times instead of once: ${from}`);
  return pieces.join(to);
}
