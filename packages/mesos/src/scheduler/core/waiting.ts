import type { LaunchFailure, Shortage } from '../../tasks/task-outcome.ts';
import type { TaskRecord } from '../../tasks/task-record.ts';
import type { CoreParts } from './core-parts.ts';
import type { LiveTask, Submission } from './live-task.ts';
import { clearDeadlines, settleDeletions, tellFailure } from './settle.ts';

/** From the first waiting task to the first look for agents that are large enough, and from look to look. */
const LOOK_AGAIN_MS = 30_000;

const none: readonly never[] = [];

/** What a submission is before it waits: the rest follows from the moment. */
type NewSubmission = Pick<Submission, 'id' | 'request' | 'group' | 'tasks'>;

export function newSubmission(core: CoreParts, given: NewSubmission): Submission {
  core.lastTurn += 1;
  const { role, units, constraints } = given.request;
  return {
    ...given,
    turn: core.lastTurn,
    shape: JSON.stringify([role, units, constraints.map(({ key }) => key)]),
    waitingSinceMs: core.moment.nowMs,
    submittedAtMs: core.moment.nowMs,
    roundsBefore: core.rounds,
    lostLaunches: 0,
    goneOffers: 0,
    neverRan: none,
    deadline: undefined,
  };
}

/** Lets it wait for offers, in its turn. */
export function enqueue(core: CoreParts, submission: Submission, isReturned: boolean): void {
  const { nowMs } = core.moment;
  const { capacityTimeoutMs, impossibleAfterMs } = core.options.limits;
  submission.waitingSinceMs = nowMs;
  submission.roundsBefore = core.rounds;
  core.queue.add(submission, isReturned);
  if (capacityTimeoutMs !== Infinity) {
    submission.deadline = core.deadlines.add(nowMs + capacityTimeoutMs, { kind: 'capacity', submission });
  }
  if (!core.isAskingAgents && impossibleAfterMs !== Infinity) wakeToLookForAgents(core, impossibleAfterMs);
}

/** Wakes the core to see whether a task waits for more than any agent has. */
export function wakeToLookForAgents(core: CoreParts, inMs: number = LOOK_AGAIN_MS): void {
  core.isAskingAgents = true;
  core.deadlines.add(core.moment.nowMs + inMs, { kind: 'ask-agents' });
}

/** Takes it out of the queue. False: it did not wait. */
export function dequeue(core: CoreParts, submission: Submission): boolean {
  if (!core.queue.remove(submission)) return false;
  if (submission.deadline) core.deadlines.cancel(submission.deadline);
  submission.deadline = undefined;
  return true;
}

/** A launch that came to nothing: its tasks wait again, for a new attempt under new Mesos ids. */
export function requeue(core: CoreParts, submission: Submission): void {
  submission.neverRan = none;
  for (const task of submission.tasks) {
    clearDeadlines(core, task);
    core.book.unindex(task);
    task.phase = 'waiting';
    task.isConfirmed = false;
    task.record = unplaced(task.record);
    // A record in the state is a task that may run. This one doesn't.
    core.outbox.remove(task.record.id);
  }
  enqueue(core, submission, true);
}

/** It will not be launched. */
export function giveUp(core: CoreParts, submission: Submission, failure: LaunchFailure): void {
  dequeue(core, submission);
  for (const task of submission.tasks) dropUnlaunched(core, task, failure);
}

/** A task of which Mesos has never heard. */
export function dropUnlaunched(core: CoreParts, task: LiveTask, failure: LaunchFailure): void {
  if (task.phase === 'storing') core.outbox.remove(task.record.id);
  task.phase = 'ended';
  tellFailure(core, task, failure);
  settleDeletions(core, task, { kind: 'withdrawn' });
  core.book.remove(task);
}

function unplaced(record: TaskRecord): TaskRecord {
  const { placement: _at, state: _state, status: _status, launchedAtMs: _when, ...rest } = record;
  return rest;
}

/** What it lacks at the offers that have come since it was submitted, and at those that were in hand then. */
export function shortageOf(core: CoreParts, submission: Submission): Shortage {
  const { epochMs, nowMs } = core.moment;
  // To the second, so that what was submitted together is explained together.
  const sinceMs = Math.floor((submission.submittedAtMs - core.options.heldOffers.holdMs) / 1000) * 1000;
  const key = `${sinceMs} ${submission.shape}`;
  const known = core.shortages.get(key);
  if (known) return known;
  const isPortBlocked = core.blockedPorts.blockedAt(nowMs);
  const found = core.history.explain(submission.request, {
    epochMs,
    isPortBlocked,
    sinceMs,
    maintenanceHorizonMs: core.options.maintenanceHorizonMs,
  });
  const shortage: Shortage = core.outbox.isOpen ? found : { ...found, unsubscribed: true };
  core.shortages.set(key, shortage);
  return shortage;
}
