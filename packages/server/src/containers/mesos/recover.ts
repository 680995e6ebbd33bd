import type { TaskRecord } from '@vibrissa/mesos';

import type { Container } from '../container.ts';
import type { ContainerSpec, RecoveredContainer } from '../container-factory.ts';
import { askStatus } from './ask-status.ts';
import { containerSpecIn, isOf } from './container-labels.ts';
import type { TaskContainers, TaskContainersDeps } from './task-containers.ts';

interface Candidate {
  readonly record: TaskRecord;
  readonly spec: ContainerSpec;
}

/** Can the task go on to be used, if its runtime says so? One of an image of somebody else's never says. */
function candidateOf(deps: TaskContainersDeps, record: TaskRecord): readonly Candidate[] {
  const isOurs = record.spec?.env?.['__OW_LOG_STAMPS'] === '1';
  const runs = record.ran === true && record.state === 'TASK_RUNNING' && record.unwanted !== true;
  if (!isOurs || !runs || !isOf(deps.config, record)) return [];
  const spec = containerSpecIn(record);
  return spec === undefined ? [] : [{ record, spec }];
}

/** Undefined: it is busy, dead, somebody else's, or what it became is not known. */
async function recoverOne(
  deps: TaskContainersDeps,
  containers: TaskContainers,
  { record, spec }: Candidate,
): Promise<RecoveredContainer | undefined> {
  const { connection, logger, memos, tokenOf } = deps;
  const handle = connection.scheduler.task(record.id);
  if (handle === undefined) return undefined;
  const task = await handle.running;
  const { endpoint } = task;
  if (endpoint?.port === undefined) return undefined;
  const { host, port } = endpoint;
  const status = await askStatus({ host, port, token: tokenOf(record.id) });
  const memo = memos.read(record.id);
  if (status === undefined || status.running > 0) return undefined;
  // A code that runs in the same process can say what it likes: what was given to an action never gets another one.
  if (status.initialised !== (memo !== undefined)) return undefined;
  const container = containers.make(handle, task, true);
  try {
    await container.logs.skipToEnd();
  } catch (error) {
    logger.warn({ err: error, taskId: record.id }, 'A container is not used on: its logs cannot be read');
    await container.destroy();
    return undefined;
  }
  const recovered: { container: Container; spec: ContainerSpec } = { container, spec };
  return memo === undefined ? recovered : { ...recovered, memo };
}

/**
 * The containers of an earlier life of this invoker that run and prove that they are idle. A runtime that was never
 * initialised is prewarmed, whatever it was started for; what an initialised one is, its memo tells.
 */
export async function recoverContainers(
  deps: TaskContainersDeps,
  containers: TaskContainers,
): Promise<readonly RecoveredContainer[]> {
  const candidates = deps.connection.scheduler.tasks().flatMap((record) => candidateOf(deps, record));
  const asked = candidates.map((candidate) => recoverOne(deps, containers, candidate).catch(() => undefined));
  const recovered = (await Promise.all(asked)).filter((one) => one !== undefined);
  const remembered = recovered.filter(({ memo }) => memo !== undefined);
  await deps.memos.keepOnly(new Set(remembered.map(({ container }) => container.id)));
  return recovered;
}
