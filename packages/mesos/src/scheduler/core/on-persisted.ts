import { buildTaskGroup } from '../../tasks/build-task-group.ts';
import { buildTaskInfo, TaskNotBuilt, type TaskLaunch } from '../../tasks/build-task-info.ts';
import type { CompiledGroup } from '../../tasks/compile-group.ts';
import type { WireOperation, WireTaskInfo } from '../../wire/index.ts';
import type { CoreParts } from './core-parts.ts';
import type { LaunchBatch, StoredLaunch } from './launch-batch.ts';
import type { LiveTask } from './live-task.ts';
import { matchRound } from './match-round.ts';
import { setDeadline } from './settle.ts';
import { dropUnlaunched, requeue } from './waiting.ts';

/** What a launch leaves of an offer comes back soon: who has submitted one task often submits another. */
const REST_REFUSED_SECONDS = 1;

type Placed = StoredLaunch['placed'][number];

/** A failed write is tried again, with growing waits. */
const FIRST_STORE_AGAIN_MS = 1000;
const LONGEST_STORE_AGAIN_MS = 30_000;

/** A write has ended. If it was that of a round's launches, they are sent now, as far as nothing has come between. */
export function onPersisted(core: CoreParts, write: number, error: Error | undefined): void {
  if (core.overdueWrites.has(write)) return onPersistedLate(core, write);
  endWrite(core, write, error);
}

/** The store may be stuck for ever: for its tasks that is a failed write. */
export function onStoreOverdue(core: CoreParts, write: number): void {
  if (core.storing?.write !== write) return;
  const placed = core.storing.launches.flatMap((stored) => stored.placed);
  const ids = placed.flatMap(({ submission }) => submission.tasks.map(({ record }) => record.id));
  const { storeTimeoutMs } = core.options.limits;
  endWrite(core, write, new Error(`the store has not answered a write for ${storeTimeoutMs} ms`));
  core.overdueWrites.set(write, ids);
}

/**
 * A write that was given up has ended after all. A store that lets it overtake the removal of its records holds some
 * again whose tasks were not launched: what holds now is written once more.
 */
function onPersistedLate(core: CoreParts, write: number): void {
  const ids = core.overdueWrites.get(write) ?? [];
  core.overdueWrites.delete(write);
  if (core.standing === 'not-leader') return;
  for (const id of ids) {
    const task = core.book.byId(id);
    if (task && task.phase !== 'waiting') core.outbox.put(task.record);
    else core.outbox.remove(id);
  }
}

function endWrite(core: CoreParts, write: number, error: Error | undefined): void {
  core.outbox.persisted(write, error === undefined);
  if (error) {
    core.outbox.warn('the state could not be written', { error });
    storeAgain(core);
  } else core.storeAgainMs = 0;
  const batch = core.storing;
  if (batch?.write !== write) return;
  core.storing = undefined;
  core.deadlines.cancel(batch.deadline);
  core.reserved.clear();
  for (const stored of batch.launches) {
    if (error) notStored(core, batch, { stored, error });
    else if (isStillGood(core, batch, stored)) accept(core, batch, stored);
    else returnAll(core, batch, stored);
  }
  matchRound(core);
}

/** What is lost with this process must not be more than what the newest writes say. */
function storeAgain(core: CoreParts): void {
  if (core.isStoringAgain || core.standing === 'not-leader') return;
  core.isStoringAgain = true;
  core.storeAgainMs = Math.min(Math.max(FIRST_STORE_AGAIN_MS, core.storeAgainMs * 2), LONGEST_STORE_AGAIN_MS);
  core.deadlines.add(core.moment.nowMs + core.storeAgainMs, { kind: 'store' });
}

/** The offers belong to this subscription, all of them, and this instance may still act. */
function isStillGood(core: CoreParts, batch: LaunchBatch, stored: StoredLaunch): boolean {
  return (
    isSameSubscription(core, batch) && stored.rescinded.size === 0 && core.options.mayAct(core.moment.nowMs)
  );
}

function isSameSubscription(core: CoreParts, batch: LaunchBatch): boolean {
  return core.outbox.isOpen && core.outbox.connection === batch.connection;
}

function accept(core: CoreParts, batch: LaunchBatch, stored: StoredLaunch): void {
  const { launch } = stored;
  const infos: WireTaskInfo[] = [];
  const groups: WireOperation[] = [];
  const launched: LiveTask[] = [];
  for (const placed of stored.placed) {
    if (!isStillWanted(core, placed)) continue;
    try {
      const { group } = placed.submission;
      if (group) groups.push(buildGroup(core, group, placed));
      else infos.push(buildTask(placed));
      launched.push(...placed.submission.tasks);
    } catch (error) {
      if (!(error instanceof TaskNotBuilt)) throw error;
      dropPlaced(core, placed, { kind: 'invalid-task', reason: error.message });
    }
  }
  if (launched.length === 0) return keepOffers(core, batch, stored);
  const operations: WireOperation[] =
    infos.length > 0 ? [{ type: 'LAUNCH', launch: { task_infos: infos } }] : [];
  const callId = core.outbox.send({
    type: 'ACCEPT',
    accept: {
      offer_ids: launch.offers.map(({ id }) => id),
      operations: [...operations, ...groups],
      filters: { refuse_seconds: REST_REFUSED_SECONDS },
    },
  });
  core.errands.set(callId, { kind: 'accept', tasks: launched });
  for (const task of launched) launchedNow(core, task);
}

function launchedNow(core: CoreParts, task: LiveTask): void {
  task.phase = 'launched';
  task.isConfirmed = false;
  task.isUnreachable = false;
  task.masterEpoch = core.masterEpoch;
  task.probeAfterMs = 0;
  task.launchedAtMs = core.moment.nowMs;
  setDeadline(core, task, { kind: 'probe', inMs: core.options.limits.launchTimeoutMs });
  setDeadline(core, task, { kind: 'start', inMs: core.options.limits.startTimeoutMs });
}

/** @throws TaskNotBuilt */
function buildTask({ submission, at }: Placed): WireTaskInfo {
  const [task] = submission.tasks;
  const [unit] = at.units;
  if (!task?.compiled || !unit)
    throw new TaskNotBuilt(`the matcher has placed nothing of task ${submission.id}`);
  return buildTaskInfo(task.compiled, launchOf(task, unit));
}

/** @throws TaskNotBuilt */
function buildGroup(core: CoreParts, group: CompiledGroup, { submission, at }: Placed): WireOperation {
  const [executor, ...units] = at.units;
  if (!executor || units.length !== submission.tasks.length) {
    throw new TaskNotBuilt(`the matcher has placed another number of tasks than group ${submission.id} has`);
  }
  return buildTaskGroup(group, {
    frameworkId: core.frameworkId ?? '',
    executorId: executorId(submission),
    executorResources: executor.resources,
    tasks: units.flatMap((unit, index) => {
      const task = submission.tasks[index];
      return task ? [launchOf(task, unit)] : [];
    }),
  });
}

function launchOf({ record }: LiveTask, unit: Placed['at']['units'][number]): TaskLaunch {
  const placement = record.placement ?? { agentId: '', hostname: '', hostPorts: [] };
  return { mesosTaskId: record.mesosTaskId, placement, resources: unit.resources };
}

/** An executor of an earlier attempt may be about to end on the same agent: each attempt takes its own. */
function executorId({ id, tasks }: Placed['submission']): string {
  const attempt = Math.max(...tasks.map(({ record }) => record.attempt));
  return attempt === 1 ? id : `${id}.${attempt}`;
}

/** Nobody has deleted it, or all of it, while it was being written. */
function isStillWanted(core: CoreParts, placed: Placed): boolean {
  const { tasks } = placed.submission;
  if (tasks.every(({ phase, record }) => phase === 'storing' && !record.unwanted)) return true;
  dropPlaced(core, placed, { kind: 'deleted' });
  return false;
}

function dropPlaced(
  core: CoreParts,
  { submission }: Placed,
  failure: Parameters<typeof dropUnlaunched>[2],
): void {
  for (const task of submission.tasks) {
    if (task.phase === 'storing') dropUnlaunched(core, task, failure);
  }
}

function notStored(
  core: CoreParts,
  batch: LaunchBatch,
  { stored, error: cause }: { readonly stored: StoredLaunch; readonly error: Error },
): void {
  for (const placed of stored.placed) dropPlaced(core, placed, { kind: 'not-stored', cause });
  keepOffers(core, batch, stored);
}

/** A lost subscription, a rescinded offer: nothing was sent, so the tasks wait again. */
function returnAll(core: CoreParts, batch: LaunchBatch, stored: StoredLaunch): void {
  for (const placed of stored.placed) {
    const isOpen = core.standing === 'open' && isStillWanted(core, placed);
    if (isOpen) requeue(core, placed.submission);
    else dropPlaced(core, placed, { kind: core.standing === 'open' ? 'deleted' : core.standing });
  }
  keepOffers(core, batch, stored);
}

/** Offers that were not used after all are in hand again, unless their subscription is gone, and they with it. */
function keepOffers(core: CoreParts, batch: LaunchBatch, { launch, rescinded }: StoredLaunch): void {
  const offers = launch.offers.filter(({ id }) => !rescinded.has(id.value));
  if (offers.length === 0 || !isSameSubscription(core, batch)) return;
  core.offers.add(offers, core.moment.nowMs);
  core.hasNewOffers = true;
}
