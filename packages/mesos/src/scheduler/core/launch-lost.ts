import { compileTask } from '../../tasks/compile-task.ts';
import { launchFailureOf } from '../../tasks/launch-failure.ts';
import type { LaunchFailure } from '../../tasks/task-outcome.ts';
import type { TaskChange } from '../../tasks/task-state.ts';
import type { WireTaskStatus } from '../../wire/index.ts';
import type { CoreParts } from './core-parts.ts';
import type { LiveTask, Submission } from './live-task.ts';
import { clearDeadlines, endTask } from './settle.ts';
import { acknowledge, tellOwner } from './tell-owner.ts';
import { dropUnlaunched, newSubmission, requeue } from './waiting.ts';

interface Nothing {
  readonly status: WireTaskStatus;
  readonly why: (TaskChange & { kind: 'never-ran' })['why'];
}

/**
 * Mesos says that a launch came to nothing: it is repeated under a new Mesos task id, so that the old one, should it
 * turn up nevertheless, is told apart and killed. The owner hears of it only when no further attempt is made.
 */
export function neverRan(core: CoreParts, task: LiveTask, nothing: Nothing): void {
  if (nothing.why === 'id-taken') return idTaken(core, task);
  const submission = task.submission ?? submissionOfRestored(core, task);
  const failure = submission
    ? whyNotAgain(core, submission, { ...nothing, task })
    : launchFailureOf(nothing.status);
  if (!submission || failure) {
    endTask(core, task, { status: nothing.status, ...(failure ? { failure } : {}) });
    tellOwner(core, task, nothing.status);
    if (submission) abandonGroup(core, submission);
    return;
  }
  clearDeadlines(core, task);
  acknowledge(core, nothing.status);
  if (!submission.neverRan.includes(task)) submission.neverRan = [...submission.neverRan, task];
  if (submission.neverRan.length < submission.tasks.length) return abandonIfHalf(core, submission);
  core.outbox.warn('a launch came to nothing and is repeated', {
    submission: submission.id,
    state: nothing.status.state,
    reason: nothing.status.reason,
    message: nothing.status.message,
  });
  for (const { record, handledUuids } of submission.tasks) {
    core.ended.remember({ record, handledUuids, isSuperseded: true });
  }
  requeue(core, submission);
}

/**
 * A task of an earlier life runs under the Mesos id of this launch. Its fate is not this one's: what is heard of the id
 * from now on is about the other, which is unknown here, and is asked about. The owner is not told the status either: it
 * reads as if the other one were dead.
 */
function idTaken(core: CoreParts, task: LiveTask): void {
  const { id, mesosTaskId, unwanted } = task.record;
  core.outbox.warn('a launch was refused, since a task of an earlier life runs under its id', {
    taskId: id,
    mesosTaskId,
  });
  clearDeadlines(core, task);
  if (core.book.owns(task)) core.outbox.remove(id);
  dropUnlaunched(core, task, { kind: unwanted ? 'deleted' : 'duplicate-task' });
  if (task.submission) abandonGroup(core, task.submission);
  // The other may be on any agent.
  task.record = { id, mesosTaskId, attempt: 1 };
  core.probes.add(task);
}

/** A member of the group has ended in earnest: those that never ran wait for nothing, since a group starts as a whole. */
export function abandonGroup(core: CoreParts, submission: Submission): void {
  for (const task of submission.neverRan) {
    const { status } = task.record;
    if (!status || task.phase !== 'launched') continue;
    endTask(core, task, { status });
    tellOwner(core, task, status);
  }
  submission.neverRan = [];
}

function abandonIfHalf(core: CoreParts, submission: Submission): void {
  if (submission.tasks.some(({ phase }) => phase === 'ended')) abandonGroup(core, submission);
}

function whyNotAgain(
  core: CoreParts,
  submission: Submission,
  nothing: Nothing & { readonly task: LiveTask },
): LaunchFailure | undefined {
  const { status, why, task } = nothing;
  const { launchAttempts, goneOfferAttempts } = core.options.limits;
  if (task.record.unwanted) return { kind: 'deleted' };
  if (core.standing !== 'open') return { kind: core.standing };
  // Who was told that it failed may have submitted another in its place.
  if (submission.tasks.some(({ promised }) => promised === 'settled')) return launchFailureOf(status);
  // A group is one launch, whose members tell one after the other.
  if (submission.neverRan.length > 0) return undefined;
  if (why === 'offers-invalid') {
    submission.goneOffers += 1;
    return submission.goneOffers < goneOfferAttempts ? undefined : launchFailureOf(status);
  }
  submission.lostLaunches += 1;
  if (submission.lostLaunches < launchAttempts) return undefined;
  const waitedMs = core.moment.nowMs - submission.submittedAtMs;
  return why === 'unknown'
    ? { kind: 'launch-timeout', waitedMs, attempts: submission.lostLaunches }
    : launchFailureOf(status);
}

/** What a former process submitted can be launched again if all of it was stored. */
function submissionOfRestored(core: CoreParts, task: LiveTask): Submission | undefined {
  const { spec, customized, groupId } = task.record;
  if (task.origin !== 'restored' || !spec || customized || groupId !== undefined) return undefined;
  const compilation = compileTask(spec, { roles: core.options.roles });
  if (compilation.kind === 'invalid') return undefined;
  task.compiled = compilation.task;
  task.submission = newSubmission(core, {
    id: spec.id,
    request: compilation.task.request,
    group: undefined,
    tasks: [task],
  });
  return task.submission;
}
