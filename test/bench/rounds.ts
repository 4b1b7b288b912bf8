/** How two contenders compare: medians of the rounds, and of the ratios inside a round with their spread. */
export interface Ratio {
  readonly ours: number;
  readonly theirs: number;
  readonly ratio: number;
  readonly lowest: number;
  readonly highest: number;
}

/**
 * Measures contenders in turns, so that what the machine does meanwhile hits all of them: A B C, then C B A.
 *
 * @returns the measurements of each contender, by round
 */
export async function rounds<Name extends string>(
  contenders: Readonly<Record<Name, () => number | Promise<number>>>,
  count: number,
): Promise<Record<Name, number[]>> {
  const names = Object.keys(contenders) as Name[];
  const measured = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>;
  for (let round = 0; round < count; round++) {
    for (const name of round % 2 ? names.toReversed() : names) measured[name].push(await contenders[name]());
  }
  return measured;
}

export function ratioOf(ours: readonly number[], theirs: readonly number[]): Ratio {
  const ratios = ours.map((value, round) => value / theirs[round]!);
  return {
    ours: median(ours),
    theirs: median(theirs),
    ratio: median(ratios),
    lowest: Math.min(...ratios),
    highest: Math.max(...ratios),
  };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
