/** How many children a node has: four make it half as deep as two, and they lie side by side. */
const width = 4;

/** A heap by numbers: the item with the smallest key is on top, of equal ones that which was pushed first. */
export class Heap<Item> {
  readonly #keys: number[] = [];
  readonly #orders: number[] = [];
  readonly #items: Item[] = [];
  #pushed = 0;

  get size(): number {
    return this.#items.length;
  }

  /** Of the item on top; Infinity when there is none. */
  get topKey(): number {
    return this.#keys[0] ?? Infinity;
  }

  peek(): Item | undefined {
    return this.#items[0];
  }

  push(key: number, item: Item): void {
    const order = this.#pushed++;
    const keys = this.#keys;
    let index = keys.length;
    keys.push(key);
    this.#orders.push(order);
    this.#items.push(item);
    while (index > 0) {
      const parent = Math.floor((index - 1) / width);
      // What was pushed before stays above one with the same key.
      if ((keys[parent] as number) <= key) break;
      this.#move(parent, index);
      index = parent;
    }
    this.#put(index, { key, order, item });
  }

  pop(): Item | undefined {
    const top = this.#items[0];
    const key = this.#keys.pop();
    const order = this.#orders.pop();
    const item = this.#items.pop();
    if (this.#items.length > 0) {
      this.#sink({ key: key as number, order: order as number, item: item as Item });
    }
    return top;
  }

  /** Puts a node where the top was, and lower until all its children come after it. */
  #sink(node: Node<Item>): void {
    const keys = this.#keys;
    const orders = this.#orders;
    const size = keys.length;
    let index = 0;
    for (;;) {
      const first = index * width + 1;
      if (first >= size) break;
      let least = first;
      const end = Math.min(first + width, size);
      for (let child = first + 1; child < end; child++) {
        const difference = (keys[child] as number) - (keys[least] as number);
        if (difference < 0 || (difference === 0 && (orders[child] as number) < (orders[least] as number))) {
          least = child;
        }
      }
      const difference = node.key - (keys[least] as number);
      if (difference < 0 || (difference === 0 && node.order < (orders[least] as number))) break;
      this.#move(least, index);
      index = least;
    }
    this.#put(index, node);
  }

  #move(from: number, to: number): void {
    this.#keys[to] = this.#keys[from] as number;
    this.#orders[to] = this.#orders[from] as number;
    this.#items[to] = this.#items[from] as Item;
  }

  #put(index: number, { key, order, item }: Node<Item>): void {
    this.#keys[index] = key;
    this.#orders[index] = order;
    this.#items[index] = item;
  }
}

interface Node<Item> {
  readonly key: number;
  readonly order: number;
  readonly item: Item;
}
