import type { RunningTask, SandboxLogs, TaskHandle } from '@vibrissa/mesos';

import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import { ContainerStartError } from '../container-factory.ts';
import type { ContainerMemos } from './container-memos.ts';
import { endTask, type EndingDeps } from './end-task.ts';
import { placeOf } from './last-words.ts';
import { MesosContainer } from './mesos-container.ts';
import type { MesosConfig } from './mesos-config.ts';
import type { MesosConnection } from './mesos-connection.ts';
import { MesosLogs } from './mesos-logs.ts';
import { sandboxLink } from './sandbox-link.ts';

export interface TaskContainersDeps {
  readonly connection: MesosConnection;
  /** For the files of tasks. */
  readonly sandboxes: SandboxLogs;
  readonly memos: ContainerMemos;
  readonly tokenOf: (taskId: string) => string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly config: MesosConfig;
}

/** What a task that runs needs to be a container. */
export interface ContainerDraft {
  readonly task: RunningTask;
  /** Its runtime takes the token, stamps its lines, and can prove that it is idle. */
  readonly isOurs: boolean;
  readonly address: {
    readonly host: string;
    readonly port: number;
    readonly token: string;
    readonly proves: boolean;
  };
  readonly logs: MesosLogs;
}

/** The containers that there are, and the tasks that are being ended. */
export class TaskContainers {
  readonly #deps: TaskContainersDeps;
  readonly #ending: EndingDeps;
  readonly #containers = new Map<string, MesosContainer>();
  readonly #ends = new Set<Promise<unknown>>();

  constructor(deps: TaskContainersDeps) {
    this.#deps = deps;
    const { clock, config, connection } = deps;
    this.#ending = {
      clock,
      isSubscribed: () => connection.scheduler.isSubscribed,
      patienceMs: config.settings.timeouts.taskDelete,
    };
  }

  get size(): number {
    return this.#containers.size;
  }

  /** Is the task a container, as far as anybody knows still alive? */
  has(taskId: string): boolean {
    return this.#containers.has(taskId);
  }

  /** Throws {@link ContainerStartError} when nobody has told the task's address. */
  draft(task: RunningTask, isOurs: boolean): ContainerDraft {
    const { endpoint, taskId } = task;
    if (endpoint?.port === undefined) {
      const told = 'Mesos has told no address of its container.';
      throw new ContainerStartError('platform', told, { told });
    }
    const { host, port } = endpoint;
    const address = { host, port, token: this.#deps.tokenOf(taskId), proves: isOurs };
    return { task, isOurs, address, logs: this.#logsOf(task, isOurs) };
  }

  /** From here on it is a container, and hears of its task's states. */
  make(handle: TaskHandle, { address, isOurs, logs, task }: ContainerDraft): MesosContainer {
    const { connection, memos } = this.#deps;
    const container = new MesosContainer({
      handle,
      task,
      address,
      logs,
      ending: this.#ending,
      ...(isOurs && { memos }),
      onGone: () => this.#forget(handle.id),
      onOverdue: () => this.#noteOverdue(handle.id),
    });
    this.#containers.set(handle.id, container);
    connection.listen(handle.id, ({ status }) => {
      if (status.state === 'TASK_UNREACHABLE') container.becameUnreachable();
    });
    // What Mesos has told while nobody listened is not told again.
    const explained = handle.explain();
    if (explained.kind === 'launched' && explained.record.state === 'TASK_UNREACHABLE') {
      container.becameUnreachable();
    }
    return container;
  }

  /** Has a task killed that is no container (yet). Resolves when it is gone, or that takes too long. */
  async end(handle: Pick<TaskHandle, 'id' | 'delete'>, patienceMs = this.#ending.patienceMs): Promise<void> {
    const end = endTask(handle, { ...this.#ending, patienceMs });
    this.#ends.add(end);
    if (!(await end)) this.#noteOverdue(handle.id);
    this.#ends.delete(end);
  }

  /** Resolves when no task is being ended any more, or it has taken long enough. */
  async ended(patienceMs: number): Promise<void> {
    const enough = new AbortController();
    const late = this.#deps.clock.sleep(patienceMs, enough.signal).catch(() => undefined);
    await Promise.race([Promise.allSettled(this.#ends), late]);
    enough.abort();
  }

  #logsOf(task: RunningTask, stamped: boolean): MesosLogs {
    const { clock, config, connection, sandboxes } = this.#deps;
    const { frameworkId } = connection.scheduler;
    const place = placeOf(task.record, frameworkId);
    const link = sandboxLink(task.record, frameworkId, config.settings);
    const says = config.settings.linkLogMessage && link !== undefined;
    return new MesosLogs({
      clock,
      stamped,
      pages: (request) => {
        if (place === undefined) throw new Error("Nobody has told where the task's files are.");
        return sandboxes.read(place, request);
      },
      unreadable: says
        ? `The logs of this activation could not be read. They are in the sandbox of the Mesos task ${task.mesosTaskId}: ${link}`
        : undefined,
    });
  }

  #noteOverdue(taskId: string): void {
    this.#deps.logger.warn(
      { taskId },
      'A task has not ended in time; it is killed as soon as that can be done',
    );
  }

  #forget(taskId: string): void {
    this.#containers.delete(taskId);
    this.#deps.connection.forget(taskId);
    this.#deps.memos.forget(taskId);
  }
}
