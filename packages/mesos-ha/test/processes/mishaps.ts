import { join } from 'node:path';

import type { InstanceProcess } from './instance-process.ts';
import type { Stage } from './stage.ts';

/** From a mishap to the next one, and how long a stop or a cut lasts, at most. */
const LONGEST_MS = 2500;

/**
 * Kills, stops and cuts off instances of a stage at random, one or two at a time, and mends it. Each has a disk, so that
 * any number of them may die.
 */
export class Mishaps {
  /** How often each kind has struck. */
  readonly counts: Record<string, number> = {};
  readonly #stage: Stage;
  readonly #random: () => number;
  readonly #canCut: boolean;

  constructor(stage: Stage, { random, canCut }: { readonly random: () => number; readonly canCut: boolean }) {
    this.#stage = stage;
    this.#random = random;
    this.#canCut = canCut;
  }

  /** The instance at each machine is started by this. */
  start(machine: InstanceProcess['machine']): Promise<InstanceProcess> {
    const { directory } = this.#stage;
    return this.#stage.start(machine, { directory: join(directory, machine.address), withinMs: 5000 });
  }

  /** One thing goes wrong, and is well again when this resolves. */
  async strike(): Promise<void> {
    const kinds = ['kill', 'kill-all', 'stop', ...(this.#canCut ? ['cut', 'cut-mesos'] : [])] as const;
    const kind = kinds[Math.floor(this.#random() * kinds.length)]!;
    this.counts[kind] = (this.counts[kind] ?? 0) + 1;
    switch (kind) {
      case 'kill':
        return this.#kill([this.#any()]);
      case 'kill-all':
        return this.#kill(this.#stage.running);
      case 'stop':
        return this.#stop(this.#any());
      default:
        return this.#cut(kind === 'cut-mesos');
    }
  }

  #any(): InstanceProcess {
    const { running } = this.#stage;
    return running[Math.floor(this.#random() * running.length)]!;
  }

  async #pause(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, this.#random() * LONGEST_MS));
  }

  async #kill(victims: readonly InstanceProcess[]): Promise<void> {
    await Promise.all(victims.map((victim) => victim.kill()));
    if (this.#random() < 0.5) await this.#pause();
    await Promise.all(victims.map(({ machine }) => this.start(machine)));
  }

  async #stop(victim: InstanceProcess): Promise<void> {
    victim.signal('SIGSTOP');
    await this.#pause();
    victim.signal('SIGCONT');
  }

  /** Each way between one machine and the others, or Mesos, with the same chance. */
  async #cut(fromMesos: boolean): Promise<void> {
    const { machines, mesos } = this.#stage;
    const victim = this.#any();
    const others = fromMesos ? [mesos.machine] : this.#stage.others(victim).map(({ machine }) => machine);
    for (const other of others) {
      if (this.#random() < 0.7) await machines.cut(victim.machine, other);
      if (this.#random() < 0.7) await machines.cut(other, victim.machine);
    }
    await this.#pause();
    await machines.heal();
  }
}
