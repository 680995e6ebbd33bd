import { isSameJson } from '../base/same-json.ts';
import type { WireTaskStatus } from '../wire/index.ts';
import { leanStatus } from './lean-record.ts';
import { networkOf } from './task-network.ts';
import type { TaskRecord } from './task-record.ts';

/** Only a Docker task with an address of its own is looked up in what `docker inspect` says: 8 KiB each otherwise. */
function needsInspection({ spec }: TaskRecord): boolean {
  return (
    typeof spec?.image === 'object' && spec.image.runtime !== 'ucr' && networkOf(spec).kind === 'routable'
  );
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
  const merged: WireTaskStatus = {
    ...(before?.agent_id && { agent_id: before.agent_id }),
    ...(before?.executor_id && { executor_id: before.executor_id }),
    ...(before?.container_status && { container_status: before.container_status }),
    ...(before?.healthy !== undefined && !over && { healthy: before.healthy }),
    ...(before?.check_status !== undefined && !over && { check_status: before.check_status }),
    ...rest,
    ...(data !== undefined && { data }),
  };
  return leanStatus(merged, record.mesosTaskId);
}

/**
 * Would the record's status, merged with this one, say anything else that somebody may act on? Asked before merging,
 * since most answers to a reconciliation of a hundred thousand tasks are of this kind.
 */
export function tellsNothingNew({ status: before }: TaskRecord, status: WireTaskStatus): boolean {
  if (before?.state !== status.state) return false;
  const networks = status.container_status && (status.container_status.network_infos ?? []);
  return (
    (status.healthy === undefined || status.healthy === before.healthy) &&
    (status.check_status === undefined || isSameJson(status.check_status, before.check_status)) &&
    (networks === undefined || isSameJson(networks, before.container_status?.network_infos ?? []))
  );
}
