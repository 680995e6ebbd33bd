import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { TaskSpec } from '@vibrissa/mesos';
import { onTestFailed, onTestFinished, vi } from 'vitest';

import { checkHistory } from './check-history.ts';
import { InstanceProcess, type InstanceConfig, type InstanceState } from './instance-process.ts';
import { LoopbackMachines } from './loopback-machines.ts';
import type { Machine, Machines } from './machines.ts';
import { NamespaceMachines } from './namespace-machines.ts';
import { outOfOffice } from './out-of-office.ts';
import { SimulatedMesos } from './simulated-mesos.ts';
import { until } from './until.ts';

// They wait for several things, each of which may come late.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 120_000 });

/** Between the presets, with room for a machine that has much else to do: else leaders come and go by themselves there. */
export const timing = {
  heartbeatMs: 150,
  electionMinMs: 1200,
  electionMaxMs: 2000,
  leaseMs: 900,
  probeMs: 400,
  probeTimeoutMs: 200,
  suspicionRounds: 3,
  foundingMarginMs: 300,
  seedsFoundingMs: 150,
  seedsLaterMs: 500,
  replaceAfterMs: 1500,
};

const PORT = 7946;

export interface StageOptions {
  /** How many instances there are to be; default 3. */
  readonly instances?: number;
  /** Machines whose networks can be cut; needs root. */
  readonly canCut?: boolean;
}

type Change = Partial<Omit<InstanceConfig, 'name' | 'control'>>;

interface StageParts {
  readonly machines: Machines;
  readonly mesos: SimulatedMesos;
  readonly directory: string;
  /** How many instances. */
  readonly count: number;
}

/** A simulated Mesos, and instances of one framework, all of them real processes. */
export class Stage {
  readonly directory: string;
  /** All that were ever started. */
  readonly instances: InstanceProcess[] = [];
  readonly seeds: string;
  readonly machines: Machines;
  readonly mesos: SimulatedMesos;
  /** Tasks that were run, or noted here by a test. */
  readonly wanted: string[] = [];
  readonly #count: number;

  private constructor(parts: StageParts) {
    this.machines = parts.machines;
    this.mesos = parts.mesos;
    this.directory = parts.directory;
    this.seeds = join(parts.directory, 'seeds');
    this.#count = parts.count;
    mkdirSync(join(parts.directory, 'tasks'));
  }

  /** A Mesos without a framework. Whoever opens it closes it. */
  static async open({ instances = 3, canCut = false }: StageOptions = {}): Promise<Stage> {
    const machines = canCut ? await NamespaceMachines.open() : await LoopbackMachines.open();
    const directory = mkdtempSync(join(tmpdir(), 'mesos-ha-processes-'));
    try {
      const mesos = await SimulatedMesos.open(await machines.add(), join(directory, 'mesos'));
      return new Stage({ machines, mesos, directory, count: instances });
    } catch (error) {
      await machines.close();
      rmSync(directory, { recursive: true });
      throw error;
    }
  }

  /** Gone with the test, and with all that it said when that fails. */
  static async forTest(options: StageOptions = {}): Promise<Stage> {
    const stage = await Stage.open(options);
    onTestFailed(() => stage.tell());
    onTestFinished(() => stage.close());
    return stage;
  }

  /** As `forTest`, with instances. */
  static async withInstances(options: StageOptions = {}, change: Change = {}): Promise<Stage> {
    const stage = await Stage.forTest(options);
    await stage.startAll(change);
    return stage;
  }

  /** Starts as many instances as there are to be; resolves when all of them vote, and one leads and is subscribed. */
  async startAll(change: Change = {}): Promise<void> {
    const all = await Promise.all(Array.from({ length: this.#count }, () => this.machines.add()));
    this.list(all);
    await Promise.all(all.map((machine) => this.start(machine, change)));
    await this.isWhole();
  }

  get running(): readonly InstanceProcess[] {
    return this.instances.filter(({ isRunning }) => isRunning);
  }

  /** Writes the file of seeds. */
  list(machines: readonly Machine[]): void {
    writeFileSync(this.seeds, machines.map(({ address }) => `${address}:${PORT}\n`).join(''));
  }

  /** Resolves when it answers. */
  async start(machine: Machine, change: Change = {}): Promise<InstanceProcess> {
    const address = { host: machine.address, port: PORT };
    const instance = new InstanceProcess(machine, {
      listen: address,
      advertise: address,
      seeds: this.seeds,
      instances: this.#count,
      masters: this.mesos.url,
      timing,
      ...change,
      name: 'story',
      control: join(this.directory, `instance-${this.instances.length + 1}`),
    });
    this.instances.push(instance);
    await instance.ready();
    return instance;
  }

  /** The instance that leads and is subscribed, when all of these say so; default: all that run. */
  async leader(among: readonly InstanceProcess[] = this.running): Promise<InstanceProcess> {
    return until('one leads, is subscribed, and all know it', async () => {
      const states = await Promise.all(among.map((one) => one.state()));
      const leading = states.findIndex(({ framework }) => framework.leads && framework.subscribed);
      const id = states[leading]?.cluster.self.id;
      const allKnow = states.every(
        ({ cluster, framework }) => cluster.leader?.id === id && framework.subscribed,
      );
      return id !== undefined && allKnow ? among[leading] : undefined;
    });
  }

  /** The leader, when those that vote are those that run: then one of three can die. */
  async isWhole(): Promise<InstanceProcess> {
    return until('all that run vote, and nobody else', async () => {
      const leader = await this.leader();
      const { cluster } = await leader.state();
      const voters = cluster.members.filter(({ role }) => role === 'voter').map(({ id }) => id);
      const isWhole =
        voters.toSorted().join() ===
        this.running
          .map(({ id }) => id)
          .toSorted()
          .join();
      return isWhole ? leader : undefined;
    });
  }

  /** Of those that run: all but this one. */
  others(instance: InstanceProcess): readonly InstanceProcess[] {
    return this.running.filter((one) => one !== instance);
  }

  /** A task that tells in a file each time that it begins. */
  task(id: string, command = 'exec sleep 1000'): TaskSpec & { readonly id: string } {
    return { id, command: `echo $$ >> ${this.#path(id)}; ${command}`, cpus: 0.01, memoryMb: 8 };
  }

  /** The processes that a task was begun in. */
  pids(id: string): readonly number[] {
    try {
      // A line that is not whole yet is not there yet.
      return readFileSync(this.#path(id), 'utf8').split('\n').slice(0, -1).map(Number);
    } catch {
      return [];
    }
  }

  /** Submits tasks by way of an instance; resolves with their pids when they run. */
  async run(ids: readonly string[], by: InstanceProcess): Promise<ReadonlyMap<string, number>> {
    this.wanted.push(...ids);
    for (const { status, body } of await Promise.all(ids.map((id) => by.submit(this.task(id))))) {
      if (status !== 200) throw new Error(`A task was not taken: ${JSON.stringify(body)}`);
    }
    await until(`${ids.join(', ')} run`, async () => {
      const running = new Set(await this.#running());
      return ids.every((id) => running.has(id) && this.pids(id).length > 0);
    });
    return this.pidsOf(ids);
  }

  pidsOf(ids: readonly string[]): ReadonlyMap<string, number> {
    return new Map(ids.map((id) => [id, this.pids(id).at(-1) ?? 0]));
  }

  /** Resolves when these tasks run and nothing else, as Mesos says. */
  async runsOnly(ids: readonly string[]): Promise<void> {
    await until(`${ids.join(', ')} run, and nothing else`, async () => {
      const isSame = (await this.#running()).toSorted().join() === ids.toSorted().join();
      return isSame && ids.every((id) => this.pids(id).length > 0);
    });
  }

  #path(id: string): string {
    return join(this.directory, 'tasks', id);
  }

  async #running(): Promise<readonly string[]> {
    return (await this.mesos.running()).map(({ name }) => name);
  }

  /** What is wrong with all that Mesos was asked for and has accepted, and with all that has begun, so far. */
  async violations(): Promise<readonly string[]> {
    const ids = (await this.mesos.frameworks()).map(({ framework_info }) => framework_info.id?.value ?? '');
    const begun = readdirSync(join(this.directory, 'tasks')).map((id) => [id, this.pids(id).length] as const);
    const twice = begun
      .filter(([, times]) => times > 1)
      .map(([id, times]) => `${id} has begun ${times} times`);
    return [...checkHistory(this.mesos.launched, ids), ...twice, ...this.instances.flatMap(outOfOffice)];
  }

  /** Resolves when this holds of the instance's state. */
  async sees(instance: InstanceProcess, isSo: (state: InstanceState) => boolean): Promise<void> {
    await until(`an instance sees that ${isSo.toString()}`, async () => isSo(await instance.state()));
  }

  /** Prints the last that each instance has said. */
  tell(): void {
    for (const { id, machine, said, errors } of this.instances) {
      const lines = said.map(
        ({ at, kind, line, status }) => `${new Date(at).toISOString()} ${kind} ${line} ${status ?? ''}`,
      );
      console.log(`instance ${id} at ${machine.address}\n${lines.slice(-60).join('\n')}\n${errors}`);
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.instances.map((instance) => instance.kill()));
    await this.mesos.close();
    await this.machines.close();
    rmSync(this.directory, { recursive: true, force: true });
  }
}
