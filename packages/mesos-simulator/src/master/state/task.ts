import type { TaskState, WireTaskInfo, WireTaskStatus } from '@vibrissa/mesos/wire';
import type { Resources } from '../resources/resources.ts';

/** A task as a master knows it. */
export interface Task {
  readonly id: string;
  readonly frameworkId: string;
  readonly agentId: string;
  readonly role: string;
  readonly info: WireTaskInfo;
  readonly resources: Resources;
  /** Only of a group's tasks. */
  readonly executorId?: string;
  state: TaskState;
  /** One per state, the latest last. */
  statuses: readonly WireTaskStatus[];
  /** The last one that was forwarded: while an update waits for its acknowledgement this lags behind `state`. */
  forwarded?: { readonly state: TaskState; readonly uuid: string };
}

/** Appends a status; a second one of the same state replaces the first. */
export function recordStatus(task: Task, status: WireTaskStatus): void {
  const { statuses } = task;
  const kept = statuses.at(-1)?.state === status.state ? statuses.slice(0, -1) : statuses;
  task.statuses = [...kept, status];
}
