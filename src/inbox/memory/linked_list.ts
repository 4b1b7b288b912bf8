/** Keeps order, and removes any item in constant time. An item is in one list at a time. */
export interface LinkedList<Item extends Linked<Item>> {
  first: Item | undefined;
  last: Item | undefined;
  size: number;
}

/** The links of an item. Only this file changes them. */
export interface Linked<Item> {
  previous: Item | undefined;
  next: Item | undefined;
}

export function createLinkedList<Item extends Linked<Item>>(): LinkedList<Item> {
  return { first: undefined, last: undefined, size: 0 };
}

/** Puts an item that is in no list at the end. */
export function append<Item extends Linked<Item>>(list: LinkedList<Item>, item: Item): void {
  item.previous = list.last;
  if (list.last) list.last.next = item;
  else list.first = item;
  list.last = item;
  list.size++;
}

/** Takes an item out of the list that it is in. */
export function remove<Item extends Linked<Item>>(list: LinkedList<Item>, item: Item): void {
  if (item.previous) item.previous.next = item.next;
  else list.first = item.next;
  if (item.next) item.next.previous = item.previous;
  else list.last = item.previous;
  item.previous = item.next = undefined;
  list.size--;
}
