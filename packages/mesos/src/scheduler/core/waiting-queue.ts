import type { Submission } from './live-task.ts';

interface Shape {
  /** Launches that came to nothing: they had their turn before. */
  readonly returned: Set<Submission>;
  readonly fresh: Set<Submission>;
}

/**
 * What waits for offers. Alike submissions (role, resources, constraints) stand in one line, so that a round looks at
 * as many of them as could fit, not at all 100,000.
 */
export class WaitingQueue {
  readonly #shapes = new Map<string, Shape>();
  readonly #tasksOfRole = new Map<string, number>();
  /** In the order in which they began to wait. */
  readonly #order = new Set<Submission>();
  #unmatched = new Set<Submission>();
  #shapeChanges = 0;

  get size(): number {
    return this.#order.size;
  }

  /** Grows whenever another kind of submission begins to wait, or the last one of a kind has gone. */
  get shapeChanges(): number {
    return this.#shapeChanges;
  }

  /** Has waited longest. */
  get first(): Submission | undefined {
    for (const submission of this.#order) return submission;
    return undefined;
  }

  [Symbol.iterator](): Iterator<Submission> {
    return this.#order[Symbol.iterator]();
  }

  /** One of each shape, the one that has waited longest. */
  *heads(): Generator<Submission> {
    for (const { returned, fresh } of this.#shapes.values()) {
      const [head] = returned.size > 0 ? returned : fresh;
      if (head) yield head;
    }
  }

  /** All of the same shape. */
  *alike(submission: Submission): Generator<Submission> {
    const shape = this.#shapes.get(submission.shape);
    if (!shape) return;
    yield* shape.returned;
    yield* shape.fresh;
  }

  /** Tasks of a role that wait. */
  waitingOf(role: string): number {
    return this.#tasksOfRole.get(role) ?? 0;
  }

  /** `isReturned`: it goes before those that were never tried. */
  add(submission: Submission, isReturned: boolean): void {
    let shape = this.#shapes.get(submission.shape);
    if (!shape) {
      this.#shapes.set(submission.shape, (shape = { returned: new Set(), fresh: new Set() }));
      this.#shapeChanges += 1;
    }
    (isReturned ? shape.returned : shape.fresh).add(submission);
    this.#order.add(submission);
    this.#unmatched.add(submission);
    this.#count(submission, submission.tasks.length);
  }

  /** False: it was not here. */
  remove(submission: Submission): boolean {
    if (!this.#order.delete(submission)) return false;
    this.#unmatched.delete(submission);
    const shape = this.#shapes.get(submission.shape);
    if (shape) {
      shape.returned.delete(submission);
      shape.fresh.delete(submission);
      if (shape.returned.size + shape.fresh.size === 0) {
        this.#shapes.delete(submission.shape);
        this.#shapeChanges += 1;
      }
    }
    this.#count(submission, -submission.tasks.length);
    return true;
  }

  /**
   * Whom new offers could serve, in turn. `roomFor` says how many of a kind fit at most; asked for `enough` it may stop
   * counting there.
   */
  candidates(roomFor: (sample: Submission, enough: number) => number): Submission[] {
    const chosen: Submission[] = [];
    for (const { returned, fresh } of this.#shapes.values()) {
      const [sample] = returned.size > 0 ? returned : fresh;
      if (!sample) continue;
      let room = roomFor(sample, returned.size + fresh.size);
      for (const line of [returned, fresh]) {
        for (const submission of line) {
          if (room < 1) break;
          room -= 1;
          chosen.push(submission);
        }
      }
    }
    return chosen.sort((a, b) => a.turn - b.turn);
  }

  /** Those that no round has looked at, in turn; from now on they count as looked at. */
  takeUnmatched(): Submission[] {
    const unmatched = [...this.#unmatched];
    this.#unmatched = new Set();
    return unmatched;
  }

  clear(): void {
    this.#shapes.clear();
    this.#tasksOfRole.clear();
    this.#order.clear();
    this.#unmatched.clear();
  }

  #count(submission: Submission, change: number): void {
    const { role } = submission.request;
    this.#tasksOfRole.set(role, this.waitingOf(role) + change);
  }
}
