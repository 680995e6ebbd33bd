import type {
  DeleteOutcome,
  RunningTask,
  TaskExplanation,
  TaskRecord,
  WireTaskStatus,
} from '@vibrissa/mesos';

import type { WishPromises } from './task-promises.ts';

/** A task that was submitted, on this instance or another. Nobody needs to await its promises. */
export interface ClusterTask {
  readonly id: string;
  /**
   * Resolves when it runs (and is healthy, if that is checked); rejects with a `MesosError` when it won't. The same on all
   * instances, whoever leads.
   */
  readonly running: Promise<RunningTask>;
  /**
   * Resolves with Mesos's last word on it, whatever that is; rejects like `running` when it never came to an end of its
   * own, and with `OutcomeLostError` when nobody has kept it.
   */
  readonly ended: Promise<WireTaskStatus>;
  explain(): ClusterTaskExplanation;
  /** As `framework.delete(id)`. */
  delete(): Promise<DeleteOutcome>;
}

/** How things stand with a task. The leading instance knows more (why it waits) than the others. */
export type ClusterTaskExplanation =
  | Exclude<TaskExplanation, { readonly kind: 'unknown' }>
  | { readonly kind: 'launched'; readonly record: TaskRecord }
  /** Not launched yet, as far as this instance knows. `by`: the instance that was asked; `at`: epoch milliseconds. */
  | { readonly kind: 'wanted'; readonly by: string; readonly at: number }
  /** It has come out. */
  | { readonly kind: 'over' }
  | { readonly kind: 'unknown' };

interface TaskKeeper {
  explain(id: string): ClusterTaskExplanation;
  delete(id: string): Promise<DeleteOutcome>;
}

export function clusterTask(id: string, promises: WishPromises, keeper: TaskKeeper): ClusterTask {
  return {
    id,
    running: promises.running.promise,
    ended: promises.ended.promise,
    explain: () => keeper.explain(id),
    delete: () => keeper.delete(id),
  };
}
