import { systemClock, systemRandom, type Clock, type RandomSource } from '@vibrissa/cluster';
import { InvalidOptionsError, optionProblem, type SchedulerOptions } from '@vibrissa/mesos';

import type { OutcomeLimits } from '../leading/outdated-outcomes.ts';
import type { ClusteredOptions, OutcomeOptions } from './options.ts';

/** The options with every default in place; nothing of them is checked again. */
export interface CompiledOptions {
  readonly scheduler: Omit<SchedulerOptions, 'onTask'> & Required<Pick<SchedulerOptions, 'onTask'>>;
  readonly outcomes: OutcomeLimits;
  readonly giveWayMs: number;
  readonly roles: readonly string[];
  readonly principal: string | undefined;
  readonly clock: Clock;
  readonly random: RandomSource;
}

const GIVE_WAY_MS = 20_000;
const WHAT = "The framework can't be opened";

/** Throws `InvalidOptionsError`. */
export function compileOptions(options: ClusteredOptions): CompiledOptions {
  const { cluster, giveWayMs = GIVE_WAY_MS, outcomes = {}, ...scheduler } = options;
  const problem =
    clusterProblem(cluster) ??
    sharedProblem(scheduler) ??
    outcomesProblem(outcomes) ??
    giveWayProblem(giveWayMs) ??
    optionProblem(scheduler);
  if (problem !== undefined) throw new InvalidOptionsError(problem, WHAT);
  const { auth, framework } = options;
  return {
    scheduler: { ...scheduler, onTask: options.onTask ?? (() => {}) },
    giveWayMs,
    outcomes: { keepMs: outcomes.keepMs ?? 600_000, keepMost: outcomes.keepMost ?? 10_000 },
    roles: framework.roles ?? ['*'],
    principal: framework.principal ?? (auth && 'principal' in auth ? auth.principal : undefined),
    clock: options.clock ?? systemClock,
    random: options.random ?? systemRandom,
  };
}

function clusterProblem(cluster: unknown): string | undefined {
  const { lease, map } = (cluster ?? {}) as { readonly lease?: unknown; readonly map?: unknown };
  return typeof lease === 'object' && typeof map === 'object'
    ? undefined
    : 'options.cluster is no cluster: give what ClusterNode.open resolves with.';
}

const shared = {
  state: 'what is kept is shared by all instances through the cluster',
  mayAct: "the cluster's lease says who may act",
} as const;

/** A program in JavaScript may give them all the same. */
function sharedProblem(options: object): string | undefined {
  for (const [name, why] of Object.entries(shared)) {
    if (name in options)
      return `options.${name} is not for a framework of several instances: ${why}. Leave it out.`;
  }
  const { framework, tasks } = options as { readonly framework?: object; readonly tasks?: object };
  if (framework && 'id' in framework) {
    return 'options.framework.id is given, but the instances agree on the id by themselves, and keep it: leave it out.';
  }
  return tasks && 'unknown' in tasks
    ? 'options.tasks.unknown is given, but what nobody wants is killed, and what runs is kept where everything else was lost: leave it out.'
    : undefined;
}

function outcomesProblem(outcomes: OutcomeOptions): string | undefined {
  for (const [name, value] of Object.entries(outcomes)) {
    const at = `options.outcomes.${name}`;
    if (name !== 'keepMs' && name !== 'keepMost') return `${at} is no option: keepMs and keepMost are.`;
    if (typeof value !== 'number' || !(value >= 0)) return `${at} must be a number of at least 0.`;
  }
  return undefined;
}

function giveWayProblem(value: unknown): string | undefined {
  return typeof value === 'number' && value > 0
    ? undefined
    : 'options.giveWayMs must be a number above 0, or Infinity for a leader that waits.';
}
