import { Turns } from '../entities/turns.ts';

/**
 * Lets what changes one package, or creates an action in it, happen one after another. Without that an action could be
 * written into a package between its last look at what it holds and its deletion: nobody could reach that action then.
 * It holds within this process; the data directory has no other.
 */
export class PackageWrites {
  readonly #turns = new Turns();

  private constructor() {}

  static open(): PackageWrites {
    return new PackageWrites();
  }

  /** Runs `write` when all earlier writes of that package are over, and gives its result or its failure. */
  alone<T>(
    place: { readonly namespace: string; readonly name: string },
    write: () => Promise<T>,
  ): Promise<T> {
    return this.#turns.alone(`${place.namespace}/${place.name}`, write);
  }
}
