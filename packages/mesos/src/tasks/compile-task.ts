import { compileConstraint, InvalidConstraint, type CompiledConstraint } from '../offers/constraints.ts';
import type { PlacementRequest, ResourceNeed } from '../offers/placement.ts';
import { toMilli } from '../offers/resource-amounts.ts';
import { leanSpec } from './lean-record.ts';
import { taskProblem, type Surroundings } from './task-problem.ts';
import { hostPortsNeeded, imageOf } from './task-network.ts';
import type { StoredTaskSpec } from './task-record.ts';
import { taskShape } from './task-shape.ts';
import type { TaskSpec } from './task-spec.ts';

/** What a framework fills into its tasks. */
export interface CompileDefaults {
  /** The framework's roles; the first one is the default of its tasks. */
  readonly roles: readonly string[];
}

/** A task that was found good, in the forms that the later steps want: nothing of it is checked again. */
export interface CompiledTask {
  readonly spec: StoredTaskSpec;
  readonly customize?: NonNullable<TaskSpec['customize']>;
  readonly request: PlacementRequest;
  /** It counts as running only when its health check has succeeded once. */
  readonly waitsForHealth: boolean;
}

export type TaskCompilation =
  | { readonly kind: 'compiled'; readonly task: CompiledTask }
  /** `reason`: a sentence that says what is wrong, why, and how to mend it. */
  | { readonly kind: 'invalid'; readonly reason: string };

/** The constraints in the matcher's form, or a sentence about the first one that can't be used. */
function compileConstraints(spec: TaskSpec): readonly CompiledConstraint[] | string {
  const compiled: CompiledConstraint[] = [];
  for (const [index, constraint] of (spec.constraints ?? []).entries()) {
    try {
      compiled.push(compileConstraint(constraint));
    } catch (error) {
      if (!(error instanceof InvalidConstraint)) throw error;
      return `constraints[${index}]: ${error.message}`;
    }
  }
  return compiled;
}

/**
 * A copy that can be stored: the caller may go on changing its own. Within a group an image without a runtime is the
 * Mesos containerizer's, the only one that groups have.
 */
function storedSpec(
  spec: TaskSpec & { readonly id: string },
  role: string,
  inGroup: boolean,
): StoredTaskSpec {
  const { customize: _, ...rest } = spec;
  const image = imageOf(spec);
  const runtime = image?.runtime ?? (inGroup ? 'ucr' : 'docker');
  const stored = { ...rest, role, ...(image && { image: { ...image, runtime } }) };
  return leanSpec(JSON.parse(JSON.stringify(stored)) as StoredTaskSpec);
}

function needOf(spec: StoredTaskSpec): ResourceNeed {
  return {
    cpusMilli: toMilli(spec.cpus),
    memMilli: toMilli(spec.memoryMb),
    diskMilli: toMilli(spec.diskMb ?? 0),
    gpusMilli: toMilli(spec.gpus ?? 0),
    ports: hostPortsNeeded(spec),
  };
}

/** Compiles a task whose shape is known to be right, alone or as part of a group. */
export function compileShapedTask(
  spec: TaskSpec & { readonly id: string },
  defaults: CompileDefaults,
  surroundings: Surroundings = {},
): TaskCompilation {
  const role = spec.role ?? defaults.roles[0] ?? '*';
  if (!defaults.roles.includes(role)) {
    const known = defaults.roles.map((each) => JSON.stringify(each)).join(', ');
    return {
      kind: 'invalid',
      reason: `role is ${JSON.stringify(role)}, whose offers the framework does not get: give one of ${known}, or subscribe with that role, too.`,
    };
  }
  const stored = storedSpec(spec, role, surroundings.group !== undefined);
  const problem = taskProblem(stored, surroundings);
  if (problem !== undefined) return { kind: 'invalid', reason: problem };
  const constraints = compileConstraints(stored);
  if (typeof constraints === 'string') return { kind: 'invalid', reason: constraints };
  const task: CompiledTask = {
    spec: stored,
    ...(spec.customize && { customize: spec.customize }),
    request: { id: stored.id, role, units: [needOf(stored)], constraints },
    waitsForHealth: stored.healthCheck !== undefined,
  };
  return { kind: 'compiled', task };
}

/**
 * Checks a task as its author gave it and brings it into the forms that matching, launching and storing want. Never
 * throws: what is wrong is said in a sentence, before anything is sent.
 */
export function compileTask(
  spec: TaskSpec & { readonly id: string },
  defaults: CompileDefaults,
): TaskCompilation {
  const problem = taskShape(spec, '');
  return problem === undefined ? compileShapedTask(spec, defaults) : { kind: 'invalid', reason: problem };
}
