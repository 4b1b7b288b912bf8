/** Calls `act` for each item, `atOnce` at the same time. After the first rejection none is begun, and it rejects. */
export async function inParallel<Item>(
  items: readonly Item[],
  atOnce: number,
  act: (item: Item) => Promise<void>,
): Promise<void> {
  let next = 0;
  let isFailed = false;
  async function work(): Promise<void> {
    while (next < items.length && !isFailed) {
      try {
        await act(items[next++]!);
      } catch (error) {
        isFailed = true;
        throw error;
      }
    }
  }
  const results = await Promise.allSettled(Array.from({ length: Math.min(atOnce, items.length) }, work));
  for (const result of results) if (result.status === "rejected") throw result.reason;
}
