import type { WireTaskStatus } from '../wire/index.ts';
import { networkOf } from './task-network.ts';
import type { TaskRecord } from './task-record.ts';

/** Only a Docker task with an address of its own is looked up in what `docker inspect` says: 8 KiB each otherwise. */
function needsInspection({ spec }: TaskRecord): boolean {
  return (
    typeof spec?.image === 'object' && spec.image.runtime !== 'ucr' && networkOf(spec).kind === 'routable'
  );
}

/** The part of a status that somebody may act on: updates that agree in it tell nothing new. */
function essence(status: WireTaskStatus | undefined): string {
  return JSON.stringify([
    status?.state,
    status?.healthy,
    status?.check_status,
    status?.container_status?.network_infos,
  ]);
}

/**
 * A status with what an earlier one of the same life has told and this one leaves out: answers to a reconciliation
 * lack labels, data and message, and an unreachable task's status lacks nearly all. Health ends with the life: a
 * KILLED with `healthy: false` has a meaning of its own.
 */
export function mergeStatus(record: TaskRecord, status: WireTaskStatus, over: boolean): WireTaskStatus {
  const { data: told, ...rest } = status;
  const before = record.status;
  const data = needsInspection(record) ? (told ?? before?.data) : undefined;
  return {
    ...(before?.agent_id && { agent_id: before.agent_id }),
    ...(before?.executor_id && { executor_id: before.executor_id }),
    ...(before?.container_status && { container_status: before.container_status }),
    ...(before?.healthy !== undefined && !over && { healthy: before.healthy }),
    ...(before?.check_status !== undefined && !over && { check_status: before.check_status }),
    ...rest,
    ...(data !== undefined && { data }),
  };
}

/** Does the merged status say what the record's says already? */
export function tellsNothingNew(record: TaskRecord, merged: WireTaskStatus): boolean {
  return essence(record.status) === essence(merged);
}
