import type { DeleteOutcome, LaunchFailure } from '../../tasks/task-outcome.ts';
import { launchFailureOf } from '../../tasks/launch-failure.ts';
import type { WireTaskStatus } from '../../wire/index.ts';
import type { CoreParts } from './core-parts.ts';
import type { LiveTask, TaskDeadlineKind } from './live-task.ts';
import { takeDeletions } from './new-task.ts';

/** The task runs (and is healthy): told once. */
export function tellRunning(core: CoreParts, task: LiveTask): void {
  clearDeadline(core, task, 'start');
  if (task.promised !== 'open') return;
  task.promised = 'running';
  core.outbox.push({ type: 'task-running', record: task.record });
}

/** Nothing will be told of this task any more. */
export function tellFailure(core: CoreParts, task: LiveTask, failure: LaunchFailure): void {
  if (task.promised === 'settled') return;
  task.promised = 'settled';
  core.outbox.push({ type: 'launch-failed', taskId: task.record.id, failure });
}

/** Its end is told as an end when it ran, and as a failure when it never did. */
function tellEnd(
  core: CoreParts,
  task: LiveTask,
  end: { status: WireTaskStatus; failure: LaunchFailure },
): void {
  if (task.promised !== 'running') return tellFailure(core, task, end.failure);
  task.promised = 'settled';
  core.outbox.push({ type: 'task-ended', record: task.record, status: end.status });
}

export function settleDeletions(core: CoreParts, task: LiveTask, outcome: DeleteOutcome): void {
  for (const request of takeDeletions(task)) core.outbox.push({ type: 'deleted', request, outcome });
}

/** Mesos has told its end. It stays in the book until the owner has handled that. */
export function endTask(
  core: CoreParts,
  task: LiveTask,
  end: { status: WireTaskStatus; failure?: LaunchFailure },
): void {
  const { status } = end;
  task.phase = 'ended';
  clearDeadlines(core, task);
  core.book.pardon(task);
  const failure = task.record.unwanted
    ? ({ kind: 'deleted' } as const)
    : (end.failure ?? launchFailureOf(status));
  tellEnd(core, task, { status, failure });
  settleDeletions(core, task, { kind: 'ended', state: status.state, status });
}

/** Nobody can reach it: who wanted it gone need not wait. */
export function settleUnreachable(core: CoreParts, task: LiveTask, status: WireTaskStatus): void {
  tellEnd(core, task, { status, failure: { kind: 'deleted' } });
  settleDeletions(core, task, { kind: 'unreachable', state: status.state });
}

export function setDeadline(
  core: CoreParts,
  task: LiveTask,
  due: { kind: TaskDeadlineKind; inMs: number },
): void {
  clearDeadline(core, task, due.kind);
  if (due.inMs === Infinity) return;
  task.deadlines ??= {};
  task.deadlines[due.kind] = core.deadlines.add(core.moment.nowMs + due.inMs, { kind: due.kind, task });
}

export function clearDeadline(core: CoreParts, task: LiveTask, kind: TaskDeadlineKind): void {
  const deadline = task.deadlines?.[kind];
  if (!task.deadlines || !deadline) return;
  core.deadlines.cancel(deadline);
  delete task.deadlines[kind];
}

/** Those of its launch and of its end; what the owner failed to handle is told again nevertheless. */
export function clearDeadlines(core: CoreParts, task: LiveTask): void {
  for (const kind of ['probe', 'start', 'kill'] as const) clearDeadline(core, task, kind);
}
