import type { MasterDetector, MasterUrl } from '../transport.ts';

/** Masters that are known. Which of them leads, they tell by redirects. */
export class StaticMasters implements MasterDetector {
  readonly #masters: readonly MasterUrl[];

  /** `masters`: at least one. */
  constructor(masters: readonly MasterUrl[]) {
    this.#masters = masters;
  }

  detect(): Promise<readonly MasterUrl[]> {
    return Promise.resolve(this.#masters);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
