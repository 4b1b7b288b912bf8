/** What has a time, and an order among those of one time. */
interface Timed {
  readonly at: number;
  readonly order: number;
}

/** Items by their time, and those of one time by their order. */
export interface TimerHeap<Item extends Timed> {
  push(item: Item): void;
  /** Takes the first one out. */
  pop(): Item | undefined;
  clear(): void;
}

export function createTimerHeap<Item extends Timed>(): TimerHeap<Item> {
  let items: Item[] = [];
  const isBefore = (a: Item, b: Item) => a.at < b.at || (a.at === b.at && a.order < b.order);
  return {
    clear: () => void (items = []),
    push(item) {
      let index = items.push(item) - 1;
      while (index > 0) {
        const parent = (index - 1) >> 1;
        if (!isBefore(item, items[parent]!)) break;
        items[index] = items[parent]!;
        index = parent;
      }
      items[index] = item;
    },
    pop() {
      const first = items[0];
      const last = items.pop();
      if (!first || !last || first === last) return first;
      let index = 0;
      while (true) {
        let child = index * 2 + 1;
        if (child >= items.length) break;
        if (child + 1 < items.length && isBefore(items[child + 1]!, items[child]!)) child++;
        if (!isBefore(items[child]!, last)) break;
        items[index] = items[child]!;
        index = child;
      }
      items[index] = last;
      return first;
    },
  };
}
