/** Something that fails until it works again. */
export interface Outage {
  readonly isOn: boolean;
  /** A failure: calls `began` if it is the first, or of another kind than the one before. */
  fail(error: unknown): void;
  /** A success: calls `ended` if an outage was on. */
  clear(): void;
}

/**
 * Reports an outage once when it begins and once when it is over, however many failures lie between.
 *
 * @param options.kindOf tells failures apart @default all are of one kind
 */
export function createOutage({ began, ended, kindOf = () => "" }: {
  readonly began?: (error: unknown) => void;
  readonly ended?: (outage: { readonly failures: number; readonly ms: number }) => void;
  readonly kindOf?: (error: unknown) => string;
}): Outage {
  let kind: string | undefined;
  let failures = 0;
  let since = 0;
  return {
    get isOn() {
      return failures > 0;
    },
    fail(error) {
      if (!failures++) since = performance.now();
      const before = kind;
      kind = kindOf(error);
      if (kind !== before) began?.(error);
    },
    clear() {
      if (!failures) return;
      const outage = { failures, ms: performance.now() - since };
      kind = undefined;
      failures = 0;
      ended?.(outage);
    },
  };
}
