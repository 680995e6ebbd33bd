import { compileGroup } from '../../tasks/compile-group.ts';
import { compileTask, type CompiledTask } from '../../tasks/compile-task.ts';
import type { LaunchFailure } from '../../tasks/task-outcome.ts';
import type { TaskRecord } from '../../tasks/task-record.ts';
import type { TaskGroupSpec, TaskSpec } from '../../tasks/task-spec.ts';
import type { CoreParts } from './core-parts.ts';
import type { LiveTask, Submission } from './live-task.ts';
import { newTask } from './new-task.ts';
import { matchRound } from './match-round.ts';
import { enqueue, newSubmission } from './waiting.ts';

/** Tasks to run. Their launches begin in this step if offers are in hand. */
export function onSubmit(core: CoreParts, specs: readonly (TaskSpec & { readonly id: string })[]): void {
  for (const spec of specs) admitTask(core, spec);
  matchRound(core);
}

function admitTask(core: CoreParts, spec: TaskSpec & { readonly id: string }): void {
  if (isRefused(core, [spec.id])) return;
  const compilation = compileTask(spec, { roles: core.options.roles });
  if (compilation.kind === 'invalid') return failAll(core, [spec.id], invalid(compilation.reason));
  const { task } = compilation;
  const tasks = [waitingTask(task)];
  admit(core, newSubmission(core, { id: spec.id, request: task.request, group: undefined, tasks }));
}

/** A group of tasks to run on one agent; each of its tasks is told of by its own id. */
export function onSubmitGroup(core: CoreParts, spec: TaskGroupSpec & { readonly id: string }): void {
  const compilation = compileGroup(spec, { roles: core.options.roles });
  if (compilation.kind === 'invalid') return failGroup(core, idsOf(spec), compilation.reason);
  const { group } = compilation;
  const ids = group.tasks.map((task) => task.spec.id);
  if (isRefused(core, ids, spec.id)) return;
  const tasks = group.tasks.map((task) => waitingTask(task, spec.id));
  admit(core, newSubmission(core, { id: spec.id, request: group.request, group, tasks }));
  matchRound(core);
}

function admit(core: CoreParts, submission: Submission): void {
  for (const task of submission.tasks) {
    task.submission = submission;
    core.book.add(task);
  }
  enqueue(core, submission, false);
}

function waitingTask(compiled: CompiledTask, groupId?: string): LiveTask {
  const { spec, customize } = compiled;
  const record: TaskRecord = {
    id: spec.id,
    mesosTaskId: spec.id,
    attempt: 0,
    spec,
    ...(customize ? { customized: true } : {}),
    ...(groupId === undefined ? {} : { groupId }),
    ...(spec.labels ? { labels: spec.labels } : {}),
  };
  return newTask({ origin: 'submitted', phase: 'waiting', record, compiled });
}

function isRefused(core: CoreParts, ids: readonly string[], groupId?: string): boolean {
  if (core.standing !== 'open') {
    failAll(core, ids, { kind: core.standing });
    return true;
  }
  const names = new Set(groupId === undefined ? ids : [groupId, ...ids]);
  const taken = [...names].filter((id) => core.book.named(id).length > 0);
  if (taken.length === 0) return false;
  const reason = `a task or group with the id ${taken.join(', ')} exists already: ids are unique, give the new one another`;
  // A task that was submitted under this id keeps its own promise.
  failAll(
    core,
    ids.filter((id) => core.book.byId(id)?.origin !== 'submitted'),
    invalid(reason),
  );
  core.outbox.warn(reason, { taken });
  return true;
}

/** Its tasks run together or not at all, so that most of them fail for another one's fault. */
function failGroup(core: CoreParts, ids: readonly string[], reason: string): void {
  const culprit = /^tasks\[(\d+)\]/.exec(reason)?.[1];
  for (const [index, id] of ids.entries()) {
    const isInnocent = culprit !== undefined && index !== Number(culprit);
    const why = isInnocent ? `its group is, and is launched as a whole or not at all: ${reason}` : reason;
    failAll(core, [id], invalid(why));
  }
}

function failAll(core: CoreParts, ids: readonly string[], failure: LaunchFailure): void {
  for (const taskId of ids) core.outbox.push({ type: 'launch-failed', taskId, failure });
}

function invalid(reason: string): LaunchFailure {
  return { kind: 'invalid-task', reason };
}

/** The ids of a group's tasks as far as its author gave usable ones. */
function idsOf(spec: TaskGroupSpec & { readonly id: string }): readonly string[] {
  const tasks: unknown = spec.tasks;
  if (!Array.isArray(tasks) || tasks.length === 0) return [spec.id];
  return tasks.map((task: TaskSpec, index) => task?.id ?? `${spec.id}-${index + 1}`);
}
