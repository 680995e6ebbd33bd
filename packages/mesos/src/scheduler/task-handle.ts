import type { DeleteOutcome } from '../tasks/task-outcome.ts';
import type { WireTaskStatus } from '../wire/index.ts';
import type { TaskExplanation } from './core/explain-task.ts';
import type { RunningTask } from './running-task.ts';
import type { TaskPromises } from './task-handles.ts';

/** A task that was submitted. Nobody needs to await its promises. */
export interface TaskHandle {
  readonly id: string;
  /** Resolves when it runs (and is healthy, if that is checked); rejects with a `MesosError` when it won't. */
  readonly running: Promise<RunningTask>;
  /**
   * Resolves with Mesos's last word on it, whatever that is; rejects like `running` when it never came to an end of its
   * own: not launched, or lost to this scheduler.
   */
  readonly ended: Promise<WireTaskStatus>;
  /** Why it waits, or where it is. */
  explain(): TaskExplanation;
  /** Withdraws or kills it; resolves when it is gone. */
  delete(): Promise<DeleteOutcome>;
}

/** Tasks that run together on one agent. */
export interface TaskGroupHandle {
  readonly id: string;
  readonly tasks: readonly TaskHandle[];
  /** Resolves when all of them run; rejects as soon as one won't. */
  readonly running: Promise<readonly RunningTask[]>;
  /** Resolves when all of them have ended. */
  readonly ended: Promise<readonly WireTaskStatus[]>;
  explain(): TaskExplanation;
  delete(): Promise<DeleteOutcome>;
}

/** What handles ask of their scheduler. */
export interface TaskKeeper {
  explain(id: string): TaskExplanation;
  delete(id: string): Promise<DeleteOutcome>;
}

export function taskHandle(id: string, promises: TaskPromises, keeper: TaskKeeper): TaskHandle {
  return {
    id,
    running: promises.running.promise,
    ended: promises.ended.promise,
    explain: () => keeper.explain(id),
    delete: () => keeper.delete(id),
  };
}

export function taskGroupHandle(
  id: string,
  tasks: readonly TaskHandle[],
  keeper: TaskKeeper,
): TaskGroupHandle {
  const running = Promise.all(tasks.map((task) => task.running));
  const ended = Promise.all(tasks.map((task) => task.ended));
  // Whoever awaits them is told; nobody has to.
  running.catch(() => {});
  ended.catch(() => {});
  return { id, tasks, running, ended, explain: () => keeper.explain(id), delete: () => keeper.delete(id) };
}
