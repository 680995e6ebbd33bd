/**
 * Lets what is done with one entity happen one after another, where a revision alone would make writers fail that only came
 * at the same time. It holds within this process; revisions guard against others.
 */
export class Turns {
  readonly #last = new Map<string, Promise<void>>();

  /** Runs `work` when all earlier work under that key is over, and gives its result or its failure. */
  async alone<T>(key: string, work: () => Promise<T>): Promise<T> {
    const run = (this.#last.get(key) ?? Promise.resolve()).then(work);
    const over = run.then(
      () => undefined,
      () => undefined,
    );
    this.#last.set(key, over);
    try {
      return await run;
    } finally {
      if (this.#last.get(key) === over) this.#last.delete(key);
    }
  }
}
