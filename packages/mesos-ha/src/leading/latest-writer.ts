import type { Json, ReplicatedMap } from '@vibrissa/cluster';

import { mapErrorCode } from '../shared/map-errors.ts';

/**
 * Keeps one entry of the map at the newest value that was given, for others to see. What is overtaken is left out; what
 * could not be written is forgotten with the next value.
 */
export class LatestWriter {
  readonly #map: ReplicatedMap;
  readonly #key: string;
  readonly #epoch: number;
  #next: Json | undefined;
  #isRunning = false;

  constructor(deps: { readonly map: ReplicatedMap; readonly key: string; readonly epoch: number }) {
    this.#map = deps.map;
    this.#key = deps.key;
    this.#epoch = deps.epoch;
  }

  set(value: Json): void {
    this.#next = value;
    if (!this.#isRunning) void this.#run();
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    await Promise.resolve();
    while (this.#next !== undefined) {
      const value = this.#next;
      this.#next = undefined;
      try {
        await this.#map.write({ epoch: this.#epoch, put: { [this.#key]: value } });
      } catch (error) {
        const code = mapErrorCode(error);
        // A majority may be back before the subscription changes.
        if (code === 'NO_LEADER') this.#next ??= value;
        if (code === 'EPOCH_OVER' || code === 'CLOSED') break;
      }
    }
    this.#isRunning = false;
  }
}
