import type { TaskRecord } from '@vibrissa/mesos';

import type { ContainerSpec, RecoveredContainer } from '../container-factory.ts';
import { askStatus } from './ask-status.ts';
import { containerSpecIn, isOf } from './container-labels.ts';
import type { TaskContainers, TaskContainersDeps } from './task-containers.ts';

/** Asked at a time: more would wait for each other, and be taken for silent. */
const AT_A_TIME = 64;

interface Candidate {
  readonly record: TaskRecord;
  readonly spec: ContainerSpec;
}

export interface RecoveryDeps extends TaskContainersDeps {
  readonly containers: TaskContainers;
  /** Would the container be the same task today, by settings, files and the API's address? */
  readonly isAsToday: (record: TaskRecord, spec: ContainerSpec) => boolean;
}

/** Can the task go on to be used, if its runtime says so? One of an image of somebody else's never says. */
function candidateOf(deps: RecoveryDeps, record: TaskRecord): readonly Candidate[] {
  const isOurs = record.spec?.env?.['__OW_LOG_STAMPS'] === '1';
  const runs = record.ran === true && record.state === 'TASK_RUNNING' && record.unwanted !== true;
  if (!isOurs || !runs || !isOf(deps.config, record)) return [];
  const spec = containerSpecIn(record);
  return spec === undefined || !deps.isAsToday(record, spec) ? [] : [{ record, spec }];
}

/** Undefined: it is busy, dead, somebody else's, or what it became is not known. Rejects when its agent doesn't answer. */
async function recoverOne(
  deps: RecoveryDeps,
  { record, spec }: Candidate,
): Promise<RecoveredContainer | undefined> {
  const { clock, connection, containers, memos } = deps;
  const handle = connection.scheduler.task(record.id);
  const memo = memos.read(record.id);
  if (handle === undefined || memo === 'unknown') return undefined;
  const draft = containers.draft(await handle.running, true);
  const status = await askStatus(draft.address, clock);
  if (status === undefined || status.running > 0) return undefined;
  // A code that runs in the same process can say what it likes: what was given to an action never gets another one.
  if (status.initialised !== (memo !== undefined)) return undefined;
  await draft.logs.skipToEnd();
  const container = containers.make(handle, draft);
  // Its agent may have been cut off since it answered.
  if (!containers.has(record.id)) return undefined;
  return memo === undefined ? { container, spec } : { container, spec, memo };
}

async function recoverAll(deps: RecoveryDeps): Promise<readonly RecoveredContainer[]> {
  const waiting = deps.connection.scheduler.tasks().flatMap((record) => candidateOf(deps, record));
  const recovered: RecoveredContainer[] = [];
  const askOneByOne = async (): Promise<void> => {
    for (let next = waiting.pop(); next; next = waiting.pop()) {
      try {
        const one = await recoverOne(deps, next);
        if (one) recovered.push(one);
      } catch (error) {
        deps.logger.warn(
          { err: error, taskId: next.record.id },
          'A container of an earlier life is not used on',
        );
      }
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, askOneByOne));
  return recovered;
}

/** Of what Mesos may still run. What its runtimes say of themselves is no proof where memos may be missing. */
export async function checkMemos({
  connection,
  logger,
  memos,
}: Pick<RecoveryDeps, 'connection' | 'logger' | 'memos'>): Promise<void> {
  const taskIds = new Set(connection.scheduler.tasks().map(({ id }) => id));
  const { doubt } = memos;
  if (doubt !== undefined && taskIds.size > 0) {
    logger.warn(
      { reason: doubt },
      'What containers of an earlier life had become may be lost: those of which nothing is known are killed',
    );
  }
  try {
    await memos.keepOnly(taskIds);
  } catch (error) {
    // What is there does no harm where it is: a full disk is told of when something has to be kept.
    logger.warn({ err: error }, 'What containers of an earlier life had become could not be removed');
  }
}

/**
 * The containers of an earlier life of this invoker that run, are as they would be made today, and prove that they are
 * idle. A runtime that was never initialised is prewarmed, whatever it was started for; what an initialised one is, its
 * memo tells.
 */
export async function recoverContainers(deps: RecoveryDeps): Promise<readonly RecoveredContainer[]> {
  await checkMemos(deps);
  return recoverAll(deps);
}
