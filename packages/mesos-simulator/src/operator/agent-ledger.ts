import type { WireExecutorInfo, WireFrameworkInfo, WireResource, WireTaskInfo } from '@vibrissa/mesos/wire';
import type { AgentToMaster, MasterToAgent } from '../agent/link.ts';
import type { ContainerLaunch } from '../agent/messages.ts';
import { isTerminal } from '../base/task-states.ts';
import type { Sandbox } from '../executor/sandbox.ts';
import type { SeenTask } from './task-views.ts';

/** What the built-in command executor takes for itself. */
const COMMAND_EXECUTOR = { cpus: 0.1, mem: 32 };
const SHOWN_COMMAND_LENGTH = 15;

export interface LedgerTask extends SeenTask {
  readonly containerId: string;
}

export interface LedgerExecutor {
  readonly info: WireExecutorInfo & { readonly name?: string; readonly source?: string };
  readonly containerId: string;
  readonly directory: string;
  readonly tasks: Map<string, LedgerTask>;
  /** All its tasks have come to their end. */
  completed: boolean;
}

export interface LedgerFramework {
  readonly id: string;
  info: WireFrameworkInfo;
  /** The latest last. */
  readonly executors: LedgerExecutor[];
}

function commandText({ command }: WireTaskInfo): string {
  const { value = '', shell = true, arguments: args = [] } = command ?? {};
  const text = shell ? value : [value, ...args.slice(1)].join(' ');
  const shown = text.length > SHOWN_COMMAND_LENGTH ? `${text.slice(0, SHOWN_COMMAND_LENGTH - 3)}...` : text;
  return shell ? `sh -c '${shown}'` : shown;
}

function commandExecutor(launch: ContainerLaunch): LedgerExecutor['info'] {
  const allocation = launch.task.resources[0]?.allocation_info;
  const scalar = (name: 'cpus' | 'mem'): WireResource => ({
    name,
    type: 'SCALAR',
    scalar: { value: COMMAND_EXECUTOR[name] },
    ...(allocation ? { allocation_info: allocation } : {}),
  });
  return {
    type: 'CUSTOM',
    executor_id: { value: launch.executorId },
    framework_id: { value: launch.frameworkId },
    command: { shell: false, value: 'mesos-executor', arguments: ['mesos-executor'] },
    resources: [scalar('cpus'), scalar('mem')],
    name: `Command Executor (Task: ${launch.task.task_id.value}) (Command: ${commandText(launch.task)})`,
    source: launch.task.task_id.value,
  };
}

/** What an agent has run, gathered from what passes between it, its master and its containers. */
export class AgentLedger {
  readonly frameworks = new Map<string, LedgerFramework>();
  readonly #groups = new Map<string, WireExecutorInfo>();

  /** A message of the master. */
  heard(message: MasterToAgent): void {
    if (message.type !== 'run-task' && message.type !== 'run-task-group') return;
    const { frameworkId, framework } = message;
    const known = this.frameworks.get(frameworkId);
    if (known) known.info = framework;
    else this.frameworks.set(frameworkId, { id: frameworkId, info: framework, executors: [] });
    if (message.type === 'run-task-group') {
      this.#groups.set(`${frameworkId}/${message.executor.executor_id.value}`, message.executor);
    }
  }

  launched(launch: ContainerLaunch, sandbox: Sandbox): void {
    const { frameworkId, executorId, containerId, parentId, agentId, task } = launch;
    const framework = this.frameworks.get(frameworkId);
    if (!framework) return;
    const containerOfExecutor = parentId ?? containerId;
    let executor = framework.executors.find((each) => each.containerId === containerOfExecutor);
    if (!executor) {
      const group = this.#groups.get(`${frameworkId}/${executorId}`);
      executor = {
        info: parentId !== undefined && group ? group : commandExecutor(launch),
        containerId: containerOfExecutor,
        directory: sandbox.executorDirectory,
        tasks: new Map(),
        completed: false,
      };
      framework.executors.push(executor);
    }
    executor.tasks.set(task.task_id.value, {
      id: task.task_id.value,
      frameworkId,
      agentId,
      executorId: parentId === undefined ? undefined : executorId,
      state: 'TASK_STAGING',
      statuses: [],
      info: task,
      containerId,
    });
  }

  /** A message to the master. */
  told(message: AgentToMaster): void {
    if (message.type !== 'status-update') return;
    const { frameworkId, status } = message;
    const executor = this.frameworks
      .get(frameworkId)
      ?.executors.findLast((each) => each.tasks.has(status.task_id.value));
    const task = executor?.tasks.get(status.task_id.value);
    if (!executor || !task || task.statuses.some(({ uuid }) => uuid === status.uuid)) return;
    const statuses = [...task.statuses, status];
    executor.tasks.set(status.task_id.value, { ...task, state: status.state, statuses });
    executor.completed = [...executor.tasks.values()].every(({ state }) => isTerminal(state));
  }

  /** All executors, the latest last, each with its framework. */
  executors(): { readonly framework: LedgerFramework; readonly executor: LedgerExecutor }[] {
    return [...this.frameworks.values()].flatMap((framework) =>
      framework.executors.map((executor) => ({ framework, executor })),
    );
  }
}
