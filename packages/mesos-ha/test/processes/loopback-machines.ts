import type { Machine, Machines } from './machines.ts';

/** Addresses of the loopback; each `block` has its own. */
export class LoopbackMachines implements Machines {
  readonly #block: number;
  #count = 0;

  constructor(block: number) {
    this.#block = block;
  }

  async add(): Promise<Machine> {
    this.#count += 1;
    const { high, low } = { high: 64 + ((this.#block >> 8) & 63), low: this.#block & 255 };
    // The simulator's agents take the addresses behind its own.
    return { address: `127.${high}.${low}.${this.#count * 10}`, prefix: [] };
  }

  async cut(): Promise<void> {
    throw new Error('Nothing can be cut on the loopback: that takes network namespaces, and so root.');
  }

  async heal(): Promise<void> {}

  async close(): Promise<void> {}
}
