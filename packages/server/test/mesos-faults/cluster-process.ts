/** A simulated cluster in a process of its own, as it is seen from outside: its control, its tasks, its sandboxes. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const bin = fileURLToPath(new URL('../../../mesos-simulator/bin/mesos-simulator.js', import.meta.url));

/** A process of this machine that belongs to a task. */
export interface TaskProcess {
  readonly pid: number;
  readonly taskId: string;
}

export class ClusterProcess {
  readonly url: string;
  readonly agents: number;
  readonly #control: string;
  readonly #child: ChildProcess;
  readonly #directory: string;

  private constructor(parts: { port: number; agents: number; directory: string; child: ChildProcess }) {
    this.url = `http://127.0.0.1:${parts.port}`;
    this.#control = `http://127.0.0.1:${parts.port + 1}/simulator`;
    this.agents = parts.agents;
    this.#child = parts.child;
    this.#directory = parts.directory;
  }

  /** `directory` is for sandboxes; what is in it stays. */
  static async open(options: {
    agents: number;
    port: number;
    directory: string;
    flags: readonly string[];
  }): Promise<ClusterProcess> {
    const { agents, directory, port } = options;
    const places = { agents, port, control: port + 1, 'agent-port': port + 2, 'work-dir': directory };
    const args = Object.entries(places).flatMap(([name, value]) => [`--${name}`, String(value)]);
    const child = spawn(process.execPath, [bin, ...args, ...options.flags], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    for await (const text of child.stdout.setEncoding('utf8')) {
      said += String(text);
      if (said.includes('sandboxes')) return new ClusterProcess({ port, agents, directory, child });
    }
    throw new Error(`The simulator ended: ${said}`);
  }

  /** Tells the simulator what goes wrong; false where that can't be now. */
  async control(path: string, body?: object): Promise<boolean> {
    const reply = await fetch(`${this.#control}/${path}`, {
      method: 'POST',
      ...(body && { body: JSON.stringify(body) }),
    });
    if (!reply.ok && reply.status !== 409) throw new Error(`${path}: ${reply.status} ${await reply.text()}`);
    return reply.ok;
  }

  async clearFaults(): Promise<void> {
    await fetch(`${this.#control}/faults`, { method: 'DELETE' });
  }

  /** Ids of the tasks that Mesos counts as living. */
  async tasks(): Promise<string[]> {
    const reply = await fetch(`${this.url}/tasks?limit=10000`);
    const { tasks } = (await reply.json()) as { tasks: { id: string; state: string }[] };
    const alive = ['TASK_STAGING', 'TASK_STARTING', 'TASK_RUNNING', 'TASK_KILLING'];
    return tasks.filter(({ state }) => alive.includes(state)).map(({ id }) => id);
  }

  async frameworks(): Promise<string[]> {
    const reply = await fetch(`${this.url}/frameworks`);
    return ((await reply.json()) as { frameworks: { id: string }[] }).frameworks.map(({ id }) => id);
  }

  /** Number of the agent on which each task is or was, by task. */
  places(): Map<string, number> {
    return new Map(this.#sandboxes().map(({ taskId, agent }) => [taskId, agent]));
  }

  /** What all tasks have ever written to standard output. */
  outputs(): string[] {
    return this.#sandboxes().flatMap(({ directory }) =>
      readdirSync(directory, { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map(({ name }) => readFileSync(join(directory, name, 'stdout'), 'utf8')),
    );
  }

  /** Processes of tasks of this cluster: they carry their task's id in their environment. */
  processes(): TaskProcess[] {
    const known = this.places();
    return readdirSync('/proc')
      .map(Number)
      .filter((pid) => pid > 0 && pid !== process.pid)
      .flatMap((pid) => {
        const taskId = taskOf(pid);
        return taskId !== undefined && known.has(taskId) ? [{ pid, taskId }] : [];
      });
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    await ended;
  }

  #sandboxes(): { taskId: string; agent: number; directory: string }[] {
    return readdirSync(this.#directory).flatMap((name) => {
      const agent = Number(/^agent-(\d+)$/.exec(name)?.[1]);
      const slaves = join(this.#directory, name, 'slaves');
      const frameworks = below(slaves).flatMap((slave) => below(join(slave, 'frameworks')));
      const executors = frameworks.flatMap((framework) => below(join(framework, 'executors')));
      return executors.map((executor) => ({
        taskId: executor.slice(executor.lastIndexOf('/') + 1),
        agent,
        directory: join(executor, 'runs'),
      }));
    });
  }
}

function below(directory: string): string[] {
  try {
    return readdirSync(directory).map((name) => join(directory, name));
  } catch {
    return [];
  }
}

function taskOf(pid: number): string | undefined {
  try {
    return /(?:^|\0)MESOS_TASK_ID=([^\0]+)/.exec(readFileSync(`/proc/${pid}/environ`, 'utf8'))?.[1];
  } catch {
    return undefined;
  }
}
