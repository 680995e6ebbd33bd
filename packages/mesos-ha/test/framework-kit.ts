import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { HttpAsker, MesosOperator, type MasterTask, type TaskSpec, type TaskUpdate } from '@vibrissa/mesos';
import { MesosSimulator, type SimulatorOptions } from '@vibrissa/mesos-simulator';
import { onTestFinished, vi } from 'vitest';

import { ClusteredScheduler, type ClusteredOptions, type FrameworkChange } from '../src/index.ts';
import { SharedCluster } from './shared-cluster.ts';
import type { SharedInstance } from './shared-instance.ts';

/** An instance of the framework under test, and all that it has told. */
export interface Instance {
  readonly id: string;
  readonly node: SharedInstance;
  readonly framework: ClusteredScheduler;
  readonly updates: TaskUpdate[];
  readonly changes: FrameworkChange[];
}

/** A task that says in a file that it has begun, each time that it does. */
export type CountedTask = (id: string, more?: Partial<TaskSpec>) => TaskSpec & { readonly id: string };

/** What a story is played with: a simulated Mesos with real processes, and instances that share a cluster. */
export class FrameworkKit {
  readonly simulator: MesosSimulator;
  readonly operator: MesosOperator;
  cluster: SharedCluster;
  readonly #http: HttpAsker;
  readonly #directory: string;

  private constructor(simulator: MesosSimulator) {
    this.simulator = simulator;
    this.cluster = new SharedCluster();
    this.#directory = mkdtempSync(join(tmpdir(), 'mesos-ha-'));
    this.#http = new HttpAsker();
    this.operator = new MesosOperator({ http: this.#http, masters: async () => [simulator.url] });
    onTestFinished(() => this.#close());
  }

  static async open(options: SimulatorOptions = {}): Promise<FrameworkKit> {
    return new FrameworkKit(await MesosSimulator.open({ agents: 2, allocationIntervalMs: 100, ...options }));
  }

  async #close(): Promise<void> {
    await this.#http.close();
    await this.simulator.stop();
    rmSync(this.#directory, { recursive: true });
  }

  async join(id: string, change: Partial<ClusteredOptions> = {}): Promise<Instance> {
    const node = this.cluster.join(id);
    const updates: TaskUpdate[] = [];
    const changes: FrameworkChange[] = [];
    const framework = await ClusteredScheduler.open({
      cluster: node,
      masters: this.simulator.url,
      framework: { name: 'story' },
      offers: { reviveIntervalMs: 50, refuseWaitingMs: 100 },
      timeouts: { backoffMinMs: 20, backoffMaxMs: 200 },
      onTask: (update) => void updates.push(update),
      ...change,
    });
    framework.watch((told) => void changes.push(told));
    onTestFinished(() => framework.close());
    return { id, node, framework, updates, changes };
  }

  /** Three instances, the first of which leads and is subscribed. */
  async three(change: Partial<ClusteredOptions> = {}): Promise<readonly [Instance, Instance, Instance]> {
    const one = await this.join('one', change);
    await this.subscribed(one);
    return [one, await this.join('two', change), await this.join('three', change)];
  }

  /** What is launched from now on was launched under this master for sure, clocks that differ a little allowed for. */
  async masterLeadsForLong(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, 1100));
  }

  /** As a SIGKILL does it: not a word to anybody. */
  async crash({ id, framework }: Instance): Promise<void> {
    this.cluster.crash(id);
    await framework.close();
  }

  /** Resolves when the leading instance, as this one sees it, is subscribed. */
  async subscribed({ framework }: Instance): Promise<string> {
    await eventually(() => framework.view().subscribed);
    return framework.view().id!;
  }

  counted: CountedTask = (id, more = {}) => ({
    id,
    command: `echo begun | tee -a ${this.#path(id)}; exec sleep 1000`,
    cpus: 0.1,
    memoryMb: 32,
    ...more,
  });

  /** How often counted tasks have begun, once each of them has; Mesos calls a task running a little earlier. */
  async begun(...ids: readonly string[]): Promise<readonly number[]> {
    await eventually(() => ids.every((id) => this.#begun(id) > 0));
    return ids.map((id) => this.#begun(id));
  }

  hasBegun(id: string): boolean {
    return this.#begun(id) > 0;
  }

  #begun(id: string): number {
    const path = this.#path(id);
    return existsSync(path) ? readFileSync(path, 'utf8').split('\n').length - 1 : 0;
  }

  /** What Mesos says of tasks that run. */
  async runningInMesos(): Promise<readonly MasterTask[]> {
    const { tasks } = await this.operator.getTasks();
    return tasks.filter(({ state }) => state === 'TASK_RUNNING');
  }

  /** The ids of all frameworks that Mesos has ever known. */
  async frameworkIds(): Promise<readonly (string | undefined)[]> {
    const { frameworks, completed } = await this.operator.getFrameworks();
    return [...frameworks, ...completed].map(({ framework_info }) => framework_info.id?.value);
  }

  #path(id: string): string {
    return join(this.#directory, id);
  }
}

// They wait for several things, each of which may come late on a machine that has much else to do.
vi.setConfig({ testTimeout: 180_000 });

/** Waits for something that is bound to come; the limit is there to say what never does. */
export function eventually(isSo: () => boolean | Promise<boolean>): Promise<void> {
  return vi.waitFor(
    async () => {
      if (!(await isSo())) throw new Error(`it has not come to be so: ${isSo.toString()}`);
    },
    { timeout: 60_000, interval: 10 },
  );
}
