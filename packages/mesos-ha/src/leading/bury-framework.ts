import type { Json, MapChange, ReplicatedMap } from '@vibrissa/cluster';
import { describeEnd, type TaskRecord, type TaskUpdate, type WireTaskStatus } from '@vibrissa/mesos';

import { chunked } from '../shared/chunked.ts';
import { asJson, entry, wishOf } from '../shared/entries.ts';
import type { FrameworkClaim, FrameworkRemoval } from '../shared/framework-entries.ts';
import { frameworkKeys, idOf, keyOf, prefixes } from '../shared/keys.ts';
import type { Outcome } from '../shared/outcome.ts';

export interface BuryDeps {
  readonly map: ReplicatedMap;
  readonly epoch: number;
  readonly member: string;
  readonly epochMs: number;
  readonly onTask: (update: TaskUpdate) => Promise<void> | void;
}

/**
 * Mesos has removed the framework, and killed all that ran under it: its tasks' ends are told, and a new id takes the
 * place of the old one. What was only wanted and not launched stays wanted. Rejects when a task's end could not be handled,
 * or the map did not take it: then what is left is to be done again.
 */
export async function buryFramework(deps: BuryDeps, removal: FrameworkRemoval, newId: string): Promise<void> {
  const { map, epoch, member, epochMs, onTask } = deps;
  const records = [...map.entries(prefixes.task)].map(([key, { value }]) => ({
    id: idOf(key),
    record: value as unknown as TaskRecord,
  }));
  for (const { record } of records) await onTask(lastUpdate(record, removal.reason));
  for (const chunk of chunked(records)) await map.write(burial(deps, removal, chunk));
  const claim: FrameworkClaim = { origin: 'renewed', epoch, by: member, at: epochMs };
  await map.write({
    epoch,
    if: [{ key: frameworkKeys.id, version: entry(map, frameworkKeys.id).version }],
    put: { [frameworkKeys.id]: newId, [frameworkKeys.claim]: asJson(claim) },
    remove: [frameworkKeys.removed],
  });
}

function burial(
  { map, epoch, epochMs }: BuryDeps,
  { reason }: FrameworkRemoval,
  records: readonly { readonly id: string; readonly record: TaskRecord }[],
): MapChange {
  const put: Record<string, Json> = {};
  const remove: string[] = [];
  for (const { id, record } of records) {
    remove.push(keyOf('task', id));
    const wish = wishOf(map, id).value;
    if (!wish) continue;
    remove.push(keyOf('wanted', id));
    const { ticket } = wish;
    put[keyOf('outcome', id)] = asJson(outcomeFor(record, { reason, ticket, at: epochMs }));
  }
  return { epoch, put, remove };
}

function outcomeFor(
  record: TaskRecord,
  { ticket, at, reason }: { readonly ticket: string; readonly at: number; readonly reason: string },
): Outcome {
  if (!record.ran) return { ticket, at, kind: 'failed', failure: { kind: 'framework-removed' } };
  return { ticket, at, kind: 'ended', status: lastStatus(record, reason), record };
}

function lastUpdate(record: TaskRecord, reason: string): TaskUpdate {
  const status = lastStatus(record, reason);
  return {
    taskId: record.id,
    mesosTaskId: record.mesosTaskId,
    status,
    record: { ...record, state: status.state, status },
    adopted: record.spec === undefined,
    reconciliation: false,
    end: describeEnd(status),
  };
}

function lastStatus({ mesosTaskId, status }: TaskRecord, reason: string): WireTaskStatus {
  const { agent_id, executor_id } = status ?? {};
  return {
    task_id: { value: mesosTaskId },
    state: 'TASK_KILLED',
    source: 'SOURCE_MASTER',
    message: `${reason}: its tasks were killed with it`,
    ...(agent_id ? { agent_id } : {}),
    ...(executor_id ? { executor_id } : {}),
  };
}
