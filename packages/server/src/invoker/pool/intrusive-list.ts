/** A place in a list, made once for each thing that moves between lists: nothing is allocated when it moves. */
export class ListNode<T> {
  readonly value: T;
  /** The list that it stands in. */
  list: IntrusiveList<T> | undefined;
  previous: ListNode<T> | undefined;
  next: ListNode<T> | undefined;

  constructor(value: T) {
    this.value = value;
  }
}

/** A doubly linked list whose every operation takes the same time, however long it is. */
export class IntrusiveList<T> {
  #first: ListNode<T> | undefined;
  #last: ListNode<T> | undefined;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  get first(): ListNode<T> | undefined {
    return this.#first;
  }

  get last(): ListNode<T> | undefined {
    return this.#last;
  }

  /** Puts a node that stands in no list at the end. */
  append(node: ListNode<T>): void {
    node.list = this;
    node.previous = this.#last;
    if (this.#last) this.#last.next = node;
    else this.#first = node;
    this.#last = node;
    this.#length += 1;
  }

  /** Takes a node out; one that does not stand in this list stays where it is. */
  remove(node: ListNode<T>): void {
    if (node.list !== this) return;
    const { previous, next } = node;
    if (previous) previous.next = next;
    else this.#first = next;
    if (next) next.previous = previous;
    else this.#last = previous;
    node.list = node.previous = node.next = undefined;
    this.#length -= 1;
  }
}
