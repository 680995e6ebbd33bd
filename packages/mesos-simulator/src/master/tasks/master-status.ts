import type { TaskState, WireTaskStatus, WireTime } from '@vibrissa/mesos/wire';
import type { Framework } from '../state/entities.ts';
import { can } from '../state/framework.ts';
import type { MasterState } from '../state/master-state.ts';

/** What the master itself says of a task. */
export interface MasterWord {
  readonly taskId: string;
  readonly agentId?: string | undefined;
  readonly executorId?: string | undefined;
  readonly state: TaskState;
  readonly message: string;
  readonly reason: string;
  readonly unreachableTime?: WireTime | undefined;
  /** The last one of the task: health, check and container are repeated of it. */
  readonly last?: WireTaskStatus | undefined;
}

/** A status without uuid: nobody acknowledges it. */
export function masterStatus(master: MasterState, word: MasterWord): WireTaskStatus {
  const { last } = word;
  return {
    task_id: { value: word.taskId },
    state: word.state,
    message: word.message,
    source: 'SOURCE_MASTER',
    reason: word.reason,
    ...(word.agentId === undefined ? {} : { agent_id: { value: word.agentId } }),
    ...(word.executorId === undefined ? {} : { executor_id: { value: word.executorId } }),
    timestamp: master.epochSeconds,
    ...(last?.healthy === undefined ? {} : { healthy: last.healthy }),
    ...(last?.check_status === undefined ? {} : { check_status: last.check_status }),
    ...(last?.container_status === undefined ? {} : { container_status: last.container_status }),
    ...(word.unreachableTime === undefined ? {} : { unreachable_time: word.unreachableTime }),
  };
}

export function tellStatus(master: MasterState, framework: Framework, status: WireTaskStatus): void {
  master.tell(framework, { type: 'UPDATE', update: { status } });
}

/** Frameworks without PARTITION_AWARE know one word for all of these. */
export function stateFor(framework: Framework, state: TaskState): TaskState {
  return can(framework, 'PARTITION_AWARE') ? state : 'TASK_LOST';
}
