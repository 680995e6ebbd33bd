import type { WireTaskStatus } from '@vibrissa/mesos/wire';

import { isTerminal } from '../base/task-states.ts';
import { afterFailure } from './back-off.ts';
import { callMaster } from './call-master.ts';
import { applyStatus, type Instance } from './instance.ts';
import type { MarathonState } from './marathon-state.ts';

/** Hears what became of a task. One that Marathon doesn't know, or has given up, is killed. */
export function updateTask(state: MarathonState, status: WireTaskStatus): void {
  const { uuid, agent_id: agentId, task_id: taskId } = status;
  if (uuid !== undefined && agentId !== undefined)
    callMaster(state, { type: 'ACKNOWLEDGE', acknowledge: { agent_id: agentId, task_id: taskId, uuid } });
  const instance = state.instances.get(taskId.value);
  if (instance === undefined) {
    if (!isTerminal(status.state) && status.state !== 'TASK_UNREACHABLE' && status.state !== 'TASK_UNKNOWN')
      callMaster(state, {
        type: 'KILL',
        kill: { task_id: taskId, ...(agentId ? { agent_id: agentId } : {}) },
      });
    return;
  }
  // A master that doesn't know it: agents may still come back with it, but not for Marathon.
  if (isTerminal(status.state) || status.state === 'TASK_UNKNOWN') taskEnded(state, instance, status);
  else applyStatus(instance, status, state.time);
}

/** Told to end, and told again when nothing follows. */
export function killTask(state: MarathonState, instance: Instance): void {
  instance.killedMs = state.time.nowMs;
  callMaster(state, {
    type: 'KILL',
    kill: { task_id: { value: instance.taskId }, agent_id: { value: instance.agentId } },
  });
}

function taskEnded(state: MarathonState, instance: Instance, status: WireTaskStatus): void {
  state.instances.delete(instance.taskId);
  const record = state.apps.get(instance.app.id);
  if (record === undefined || instance.killedMs !== undefined || status.state === 'TASK_KILLED') return;
  const { nowMs, epochMs } = state.time;
  record.lastTaskFailure = {
    appId: record.id,
    host: instance.host,
    message: status.message ?? '',
    slaveId: instance.agentId,
    state: status.state,
    taskId: instance.taskId,
    timestamp: new Date(epochMs).toISOString(),
    version: instance.version,
  };
  // What an earlier definition did wrong says nothing of this one.
  if (instance.version < record.lastConfigChangeAt) return;
  const ranMs = instance.startedMs === undefined ? 0 : nowMs - instance.startedMs;
  record.backOff = afterFailure(record.backOff, record.app, { ranMs, nowMs });
}
