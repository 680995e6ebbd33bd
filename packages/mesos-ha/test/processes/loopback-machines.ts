import { takeOwnLoopback, type OwnLoopback } from '@vibrissa/testkit';

import type { Machine, Machines } from './machines.ts';

/** Addresses of the loopback that no other test has at the same time. */
export class LoopbackMachines implements Machines {
  readonly #loopback: OwnLoopback;
  #count = 0;

  private constructor(loopback: OwnLoopback) {
    this.#loopback = loopback;
  }

  static async open(): Promise<LoopbackMachines> {
    return new LoopbackMachines(await takeOwnLoopback());
  }

  async add(): Promise<Machine> {
    this.#count += 1;
    // The simulator's agents take the addresses behind its own.
    return { address: this.#loopback.host(this.#count * 10), prefix: [] };
  }

  async cut(): Promise<void> {
    throw new Error('Nothing can be cut on the loopback: that takes network namespaces, and so root.');
  }

  async heal(): Promise<void> {}

  close(): Promise<void> {
    return this.#loopback.close();
  }
}
