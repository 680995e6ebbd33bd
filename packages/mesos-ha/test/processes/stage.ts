import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { TaskSpec } from '@vibrissa/mesos';
import { onTestFailed, onTestFinished } from 'vitest';

import { checkHistory } from './check-history.ts';
import { InstanceProcess, type InstanceConfig, type InstanceState } from './instance-process.ts';
import { LoopbackMachines } from './loopback-machines.ts';
import type { Machine, Machines } from './machines.ts';
import { NamespaceMachines } from './namespace-machines.ts';
import { SimulatedMesos } from './simulated-mesos.ts';
import { until } from './until.ts';

/** Near the preset `fast`, with room for a machine that has other things to do. */
const timing = {
  heartbeatMs: 100,
  electionMinMs: 600,
  electionMaxMs: 1100,
  leaseMs: 450,
  probeMs: 200,
  probeTimeoutMs: 80,
  suspicionRounds: 3,
  foundingMarginMs: 300,
  seedsFoundingMs: 150,
  seedsLaterMs: 500,
  replaceAfterMs: 1500,
};

const PORT = 7946;
let stages = 0;

export interface StageOptions {
  /** How many instances there are to be; default 3. */
  readonly instances?: number;
  /** Machines whose networks can be cut; needs root. */
  readonly canCut?: boolean;
}

type Change = Partial<Omit<InstanceConfig, 'name' | 'control'>>;

/** A simulated Mesos, and instances of one framework, all of them real processes; gone with the test. */
export class Stage {
  readonly directory = mkdtempSync(join(tmpdir(), 'mesos-ha-processes-'));
  /** All that were ever started. */
  readonly instances: InstanceProcess[] = [];
  readonly seeds = join(this.directory, 'seeds');
  readonly machines: Machines;
  readonly mesos: SimulatedMesos;
  readonly #wanted: number;

  private constructor(machines: Machines, mesos: SimulatedMesos, wanted: number) {
    this.machines = machines;
    this.mesos = mesos;
    this.#wanted = wanted;
    mkdirSync(join(this.directory, 'tasks'));
  }

  /** A Mesos without a framework. */
  static async open({ instances = 3, canCut = false }: StageOptions = {}): Promise<Stage> {
    stages += 1;
    const machines = canCut ? await NamespaceMachines.open() : new LoopbackMachines(process.pid + stages);
    const sockets = mkdtempSync(join(tmpdir(), 'mesos-ha-mesos-'));
    onTestFinished(async () => {
      await machines.close();
      rmSync(sockets, { recursive: true, force: true });
    });
    const mesos = await SimulatedMesos.open(await machines.add(), join(sockets, 'mesos'));
    const stage = new Stage(machines, mesos, instances);
    onTestFailed(() => stage.#tell());
    onTestFinished(() => stage.#close());
    return stage;
  }

  /** With as many instances as there are to be, one of which leads and is subscribed. */
  static async withInstances(options: StageOptions = {}, change: Change = {}): Promise<Stage> {
    const stage = await Stage.open(options);
    const all = await Promise.all(Array.from({ length: options.instances ?? 3 }, () => stage.machines.add()));
    stage.list(all);
    await Promise.all(all.map((machine) => stage.start(machine, change)));
    await stage.leader();
    return stage;
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
      instances: this.#wanted,
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

  /** Resolves when those that vote are those that run. */
  async isWhole(): Promise<void> {
    await until('all that run vote, and nobody else', async () => {
      const { cluster } = await (await this.leader()).state();
      const voters = cluster.members.filter(({ role }) => role === 'voter').map(({ id }) => id);
      return (
        voters.toSorted().join() ===
        this.running
          .map(({ id }) => id)
          .toSorted()
          .join()
      );
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
      return readFileSync(this.#path(id), 'utf8').trim().split('\n').map(Number);
    } catch {
      return [];
    }
  }

  /** Submits tasks by way of an instance; resolves with their pids when they run. */
  async run(ids: readonly string[], by: InstanceProcess): Promise<ReadonlyMap<string, number>> {
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

  async #running(): Promise<readonly string[]> {
    return (await this.mesos.running()).map(({ name }) => name);
  }

  /** What is wrong with all that Mesos has accepted, and with all that has begun, so far. */
  async violations(): Promise<readonly string[]> {
    const ids = (await this.mesos.frameworks()).map(({ framework_info }) => framework_info.id?.value ?? '');
    const begun = readdirSync(join(this.directory, 'tasks')).map((id) => [id, this.pids(id).length] as const);
    const twice = begun
      .filter(([, times]) => times > 1)
      .map(([id, times]) => `${id} has begun ${times} times`);
    return [...checkHistory(this.mesos.launched, ids), ...twice];
  }

  /** Resolves when this holds of the instance's state. */
  async sees(instance: InstanceProcess, isSo: (state: InstanceState) => boolean): Promise<void> {
    await until(`an instance sees that ${isSo.toString()}`, async () => isSo(await instance.state()));
  }

  #path(id: string): string {
    return join(this.directory, 'tasks', id);
  }

  #tell(): void {
    for (const { id, machine, said, errors } of this.instances) {
      const lines = said.map(
        ({ at, kind, line, status }) => `${new Date(at).toISOString()} ${kind} ${line} ${status ?? ''}`,
      );
      console.log(`instance ${id} at ${machine.address}\n${lines.slice(-60).join('\n')}\n${errors}`);
    }
  }

  async #close(): Promise<void> {
    await Promise.all(this.instances.map((instance) => instance.kill()));
    await this.mesos.close();
    rmSync(this.directory, { recursive: true, force: true });
  }
}
