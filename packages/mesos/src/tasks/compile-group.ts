import type { PlacementRequest, ResourceNeed } from '../offers/placement.ts';
import { toMilli } from '../offers/resource-amounts.ts';
import { compileShapedTask, type CompileDefaults, type CompiledTask } from './compile-task.ts';
import { quoted } from './shape.ts';
import { groupShape } from './task-shape.ts';
import type { TaskGroupSpec } from './task-spec.ts';
import { submittedIdProblem } from './validate-names.ts';

/** A group that was found good. */
export interface CompiledGroup {
  readonly id: string;
  readonly tasks: readonly CompiledTask[];
  /** Its units: the executor first, then the tasks in their order. */
  readonly request: PlacementRequest;
  /** The CNI network that all tasks share; absent: the agent's own. */
  readonly network?: { readonly name: string };
}

export type GroupCompilation =
  | { readonly kind: 'compiled'; readonly group: CompiledGroup }
  /** `reason`: a sentence that says what is wrong, why, and how to mend it. */
  | { readonly kind: 'invalid'; readonly reason: string };

function invalid(reason: string): GroupCompilation {
  return { kind: 'invalid', reason };
}

function executorNeed({ executor = {} }: TaskGroupSpec): ResourceNeed {
  const { cpus = 0.1, memoryMb = 32, diskMb = 32 } = executor;
  return {
    cpusMilli: toMilli(cpus),
    memMilli: toMilli(memoryMb),
    diskMilli: toMilli(diskMb),
    gpusMilli: 0,
    ports: 0,
  };
}

/** What is wrong with how the tasks go together. */
function togetherProblem(tasks: readonly CompiledTask[]): string | undefined {
  const ids = new Set<string>();
  const listeners = new Map<string, number>();
  for (const [index, { spec, request }] of tasks.entries()) {
    if (ids.has(spec.id)) {
      return `tasks[${index}].id is ${JSON.stringify(spec.id)}, which another task of the group has: ids are unique.`;
    }
    ids.add(spec.id);
    if (request.role !== tasks[0]?.request.role) {
      return `tasks[${index}].role is ${JSON.stringify(request.role)}, but the group is placed on offers of one role: give all tasks the same.`;
    }
    for (const { containerPort = 0, protocol = 'tcp' } of spec.ports ?? []) {
      if (containerPort === 0) continue;
      const before = listeners.get(`${containerPort}/${protocol}`);
      if (before !== undefined) {
        return `tasks[${index}] listens on port ${containerPort}, as tasks[${before}] does, but a group shares one network: give each its own.`;
      }
      listeners.set(`${containerPort}/${protocol}`, index);
    }
  }
  return undefined;
}

/**
 * Checks a task group as its author gave it. One bad task makes Mesos refuse the whole group, and an empty one
 * disappears there without a word, so both are found here. Tasks without an id get the group's with `-1`, `-2`, ….
 */
export function compileGroup(
  spec: TaskGroupSpec & { readonly id: string },
  defaults: CompileDefaults,
): GroupCompilation {
  const shapeProblem = groupShape(spec, '');
  if (shapeProblem !== undefined) return invalid(shapeProblem);
  if (spec.tasks.length === 0)
    return invalid('tasks is empty: give at least one, or Mesos forgets the group silently.');
  const tasks: CompiledTask[] = [];
  for (const [index, task] of spec.tasks.entries()) {
    const named = { ...task, id: task.id ?? `${spec.id}-${index + 1}` };
    const idProblem = submittedIdProblem(named.id);
    if (idProblem !== undefined)
      return invalid(`tasks[${index}].id would be ${quoted(named.id)}: ${idProblem}.`);
    const compilation = compileShapedTask(named, defaults, { group: spec.network ? 'mapped' : 'agent' });
    if (compilation.kind === 'invalid') return invalid(`tasks[${index}]: ${compilation.reason}`);
    tasks.push(compilation.task);
  }
  const problem = togetherProblem(tasks);
  if (problem !== undefined) return invalid(problem);
  const request: PlacementRequest = {
    id: spec.id,
    role: tasks[0]?.request.role ?? '*',
    units: [executorNeed(spec), ...tasks.flatMap((task) => task.request.units)],
    constraints: tasks.flatMap((task) => task.request.constraints),
  };
  return {
    kind: 'compiled',
    group: { id: spec.id, tasks, request, ...(spec.network && { network: { name: spec.network.name } }) },
  };
}
