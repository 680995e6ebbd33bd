import type { MasterFramework, MasterTask, OperatorAnswers } from '@vibrissa/mesos';
import type { GivenFaultRule } from '@vibrissa/mesos-simulator';

import { ask, open } from './ask.ts';
import type { Machine } from './machines.ts';
import { Program } from './program.ts';

type Asked = 'GET_FRAMEWORKS' | 'GET_TASKS';

/** A running `simulator.mjs`. */
export class SimulatedMesos {
  readonly machine: Machine;
  /** Tasks in the order in which the master has accepted them. */
  readonly launched: MasterTask[] = [];
  readonly #program: Program;
  readonly #socketPath: string;

  private constructor(machine: Machine, socketPath: string) {
    this.machine = machine;
    this.#socketPath = socketPath;
    this.#program = new Program('simulator.mjs', machine, { host: machine.address, control: socketPath });
  }

  static async open(machine: Machine, socketPath: string): Promise<SimulatedMesos> {
    const mesos = new SimulatedMesos(machine, socketPath);
    await mesos.#program.ready();
    await mesos.#listen();
    return mesos;
  }

  get url(): string {
    return this.#program.said[0]!.line;
  }

  /** Of those, Mesos knows how they are. */
  async tasks(): Promise<readonly MasterTask[]> {
    const { tasks = [] } = await this.#operator('GET_TASKS');
    return tasks;
  }

  async running(): Promise<readonly MasterTask[]> {
    return (await this.tasks()).filter(({ state }) => state === 'TASK_RUNNING');
  }

  /** All that it has ever known. */
  async frameworks(): Promise<readonly MasterFramework[]> {
    const { frameworks = [], completed_frameworks = [] } = await this.#operator('GET_FRAMEWORKS');
    return [...frameworks, ...completed_frameworks];
  }

  async addFault(rule: GivenFaultRule): Promise<void> {
    const { fault, ...where } = rule;
    const { kind, ...details } = fault;
    const body = { ...where, fault: kind, ...details };
    const { status, body: said } = await this.#ask('POST', '/simulator/faults', body);
    if (status !== 200) throw new Error(`The simulator takes no such rule: ${JSON.stringify(said)}`);
  }

  async close(): Promise<void> {
    if (this.#program.isRunning) this.#program.signal('SIGTERM');
    await this.#program.exited;
  }

  async #operator<T extends Asked>(type: T): Promise<OperatorAnswers[T]> {
    const { body } = await this.#ask('POST', '/api/v1', { type });
    return (body as Record<string, unknown>)[type.toLowerCase()] as OperatorAnswers[T];
  }

  #ask(method: 'GET' | 'POST', path: string, body?: unknown) {
    return ask({ socketPath: this.#socketPath, method, path, ...(body === undefined ? {} : { body }) });
  }

  /** The master's stream of events, in records of a length, a line break and JSON. */
  async #listen(): Promise<void> {
    const path = '/api/v1';
    const stream = await open({
      socketPath: this.#socketPath,
      method: 'POST',
      path,
      body: { type: 'SUBSCRIBE' },
    });
    let rest = Buffer.alloc(0);
    stream.on('data', (bytes: Buffer) => {
      rest = Buffer.concat([rest, bytes]);
      for (;;) {
        const head = rest.indexOf('\n');
        const end = head + 1 + Number(rest.subarray(0, head));
        if (head < 0 || rest.length < end) return;
        this.#onEvent(JSON.parse(rest.subarray(head + 1, end).toString()) as OperatorEvent);
        rest = rest.subarray(end);
      }
    });
    // It ends with the simulator.
    stream.on('error', () => {});
  }

  #onEvent({ type, task_added }: OperatorEvent): void {
    if (type === 'TASK_ADDED' && task_added) this.launched.push(task_added.task);
  }
}

interface OperatorEvent {
  readonly type: string;
  readonly task_added?: { readonly task: MasterTask };
}
