import type { ClusterView } from '@vibrissa/cluster';
import type { TaskSpec } from '@vibrissa/mesos';

import type { FrameworkView, TaskView } from '../../src/index.ts';
import { ask, type Reply } from './ask.ts';
import type { Machine } from './machines.ts';
import { Program, type Said } from './program.ts';

/** All that `instance.mjs` takes. */
export interface InstanceConfig {
  readonly name: string;
  readonly listen: { readonly host: string; readonly port: number };
  readonly advertise: { readonly host: string; readonly port: number };
  /** A file. */
  readonly seeds: string;
  readonly instances: number;
  readonly masters: string;
  /** A path for its Unix socket. */
  readonly control: string;
  readonly timing: object;
  /** Without one it remembers nothing. */
  readonly directory?: string;
  /** How long a request may take; default 60,000. */
  readonly withinMs?: number;
  /** By how much its wall clock is wrong. */
  readonly skewMs?: number;
}

/** Where an instance kills itself: at its first such call, or after `skip` others. */
export interface CrashPoint {
  readonly call: 'ACCEPT' | 'ACKNOWLEDGE' | 'KILL' | 'RECONCILE';
  readonly when: 'before' | 'answered';
  readonly skip?: number;
}

export interface InstanceState {
  readonly cluster: ClusterView;
  readonly framework: FrameworkView;
  readonly tasks: readonly TaskView[];
}

/** A running `instance.mjs`. */
export class InstanceProcess {
  readonly machine: Machine;
  readonly config: InstanceConfig;
  readonly #program: Program;

  constructor(machine: Machine, config: InstanceConfig) {
    this.machine = machine;
    this.config = config;
    this.#program = new Program('instance.mjs', machine, config);
  }

  get said(): readonly Said[] {
    return this.#program.said;
  }

  get errors(): string {
    return this.#program.errors;
  }

  get isRunning(): boolean {
    return this.#program.isRunning;
  }

  get exited(): Promise<void> {
    return this.#program.exited;
  }

  /** Of the member; a start without a disk is a new one. */
  get id(): string {
    return this.said.find(({ kind }) => kind === 'ready')?.line ?? '';
  }

  ready(): Promise<void> {
    return this.#program.ready();
  }

  async state(): Promise<InstanceState> {
    const { body } = await this.#ask('GET', '/state');
    return body as InstanceState;
  }

  /** Status 200, or 409 with `{code, message}`. Rejects when the process dies meanwhile. */
  submit(spec: TaskSpec): Promise<Reply> {
    return this.#ask('POST', '/tasks', spec);
  }

  delete(id: string): Promise<Reply> {
    return this.#ask('POST', '/delete', { id });
  }

  async jumpClock(jumpMs: number): Promise<void> {
    await this.#ask('POST', '/clock', { jumpMs });
  }

  /** Undefined: nowhere. */
  async crashAt(point: CrashPoint | undefined): Promise<void> {
    await this.#ask('POST', '/crash', point ?? {});
  }

  kill(): Promise<void> {
    return this.#program.kill();
  }

  signal(signal: NodeJS.Signals): void {
    this.#program.signal(signal);
  }

  #ask(method: 'GET' | 'POST', path: string, body?: unknown): Promise<Reply> {
    return ask({ socketPath: this.config.control, method, path, ...(body === undefined ? {} : { body }) });
  }
}
