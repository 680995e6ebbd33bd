/**
 * Lets what changes one package, or creates an action in it, happen one after another. Without that an action could be
 * written into a package between its last look at what it holds and its deletion: nobody could reach that action then.
 * It holds within this process; the data directory has no other.
 */
export class PackageWrites {
  readonly #last = new Map<string, Promise<void>>();

  private constructor() {}

  static open(): PackageWrites {
    return new PackageWrites();
  }

  /** Runs `write` when all earlier writes of that package are over, and gives its result or its failure. */
  async alone<T>(
    place: { readonly namespace: string; readonly name: string },
    write: () => Promise<T>,
  ): Promise<T> {
    const key = `${place.namespace}/${place.name}`;
    const run = (this.#last.get(key) ?? Promise.resolve()).then(write);
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
