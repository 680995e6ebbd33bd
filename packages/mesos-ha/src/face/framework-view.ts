import type { Cluster } from '@vibrissa/cluster';

import { entry } from '../shared/entries.ts';
import type { FrameworkStanding } from '../shared/framework-entries.ts';
import type { FrameworkProblem } from '../shared/framework-problem.ts';
import { frameworkKeys } from '../shared/keys.ts';
import type { TaskStanding, TaskView } from './task-view.ts';

/** What an operator sees of the framework from any instance. JSON. */
export interface FrameworkView {
  readonly name: string;
  /** Undefined before the first leader has come by one. */
  readonly id?: string;
  /** Does this instance lead? */
  readonly leads: boolean;
  /** The leading instance has a subscription, as it last said. */
  readonly subscribed: boolean;
  readonly master?: { readonly id?: string; readonly version?: string };
  readonly epoch?: number;
  /** How many there are of each standing. */
  readonly tasks: Readonly<Record<TaskStanding, number>>;
  readonly problems: readonly FrameworkProblem[];
  readonly lastFailover?: FailoverView;
}

/** The newest change of the leader. */
export interface FailoverView {
  readonly from?: string;
  readonly to: string;
  readonly epoch: number;
  /** Epoch milliseconds. */
  readonly at: number;
  /** From the last sign of the former leader to the new one's lease. */
  readonly tookMs?: number;
  /** From the lease to SUBSCRIBED. */
  readonly subscribedAfterMs?: number;
}

export interface ViewSource {
  readonly cluster: Cluster;
  readonly name: string;
  readonly tasks: readonly TaskView[];
  /** Of this instance, if it leads: newer than what is shared. */
  readonly own: FrameworkStanding | undefined;
}

export function frameworkView({ cluster, name, tasks, own }: ViewSource): FrameworkView {
  const { leader, changes } = cluster.view();
  const id = entry<string>(cluster.map, frameworkKeys.id).value;
  const shared = entry<FrameworkStanding>(cluster.map, frameworkKeys.standing).value;
  // A former leader's word is void.
  const standing = own ?? (shared?.epoch === leader?.epoch ? shared : undefined);
  const last = changes.at(-1);
  return {
    name,
    ...(id === undefined ? {} : { id }),
    leads: own !== undefined,
    subscribed: standing?.subscribed ?? false,
    ...(standing?.subscribed ? { master: masterOf(standing) } : {}),
    ...(leader ? { epoch: leader.epoch } : {}),
    tasks: counted(tasks),
    problems: standing?.problems ?? [],
    ...(last ? { lastFailover: failoverOf(last, shared) } : {}),
  };
}

function masterOf({ masterId, masterVersion }: FrameworkStanding): NonNullable<FrameworkView['master']> {
  return {
    ...(masterId === undefined ? {} : { id: masterId }),
    ...(masterVersion === undefined ? {} : { version: masterVersion }),
  };
}

function counted(tasks: readonly TaskView[]): Readonly<Record<TaskStanding, number>> {
  const counts = { waiting: 0, launched: 0, running: 0, unreachable: 0, deleting: 0, stray: 0 };
  for (const { standing } of tasks) counts[standing] += 1;
  return counts;
}

function failoverOf(
  { former, leader, epoch, at, tookMs }: ReturnType<Cluster['view']>['changes'][number],
  shared: FrameworkStanding | undefined,
): FailoverView {
  const subscribedAfterMs = shared?.epoch === epoch ? shared.subscribedAfterMs : undefined;
  return {
    ...(former === undefined ? {} : { from: former }),
    to: leader,
    epoch,
    at,
    ...(tookMs === undefined ? {} : { tookMs }),
    ...(subscribedAfterMs === undefined ? {} : { subscribedAfterMs }),
  };
}
