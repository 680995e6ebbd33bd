import type { ClusterView } from '@vibrissa/cluster';
import type { MesosScheduler, TaskRecord } from '@vibrissa/mesos';

import type { ClusterReport } from '../administration/cluster-report.ts';
import { sentence } from '../containers/mesos/error-words.ts';
import type { MesosSettings } from '../containers/mesos/mesos-config.ts';
import type { MesosConnection } from '../containers/mesos/mesos-connection.ts';

type Framework = NonNullable<ClusterReport['framework']>;

/** What of Mesos the page tells; nobody is asked for it, so that it is there when no master is. */
export interface FrameworkParts {
  readonly connection: Pick<MesosConnection, 'state'> & {
    readonly scheduler: Pick<MesosScheduler, 'frameworkId' | 'tasks' | 'explain'>;
  };
  readonly settings: Pick<MesosSettings, 'frameworkName' | 'masterUrl'>;
}

const STANDINGS = ['waiting', 'launched', 'running', 'unreachable', 'deleting'] as const;

function standingOf(
  { id, state, unwanted }: TaskRecord,
  { scheduler }: FrameworkParts['connection'],
): (typeof STANDINGS)[number] {
  if (unwanted) return 'deleting';
  if (scheduler.explain(id).kind === 'waiting') return 'waiting';
  if (state === 'TASK_UNREACHABLE') return 'unreachable';
  return state === 'TASK_RUNNING' ? 'running' : 'launched';
}

function frameworkPage({ connection, settings }: FrameworkParts): Framework {
  const { scheduler, state } = connection;
  const { frameworkId } = scheduler;
  const tasks: Record<string, number> = Object.fromEntries(STANDINGS.map((standing) => [standing, 0]));
  for (const record of scheduler.tasks()) {
    const standing = standingOf(record, connection);
    tasks[standing] = (tasks[standing] ?? 0) + 1;
  }
  const noMaster = {
    code: 'NO_MASTER',
    message: `There is no subscription. ${sentence(state.why ?? 'No master has answered yet')}`,
    mend: 'Attempts go on. See that a Mesos master leads, and that mesos.masterUrl names it.',
  };
  return {
    name: settings.frameworkName,
    ...(frameworkId !== undefined && { id: frameworkId }),
    subscribed: state.subscribed,
    masters: settings.masterUrl,
    tasks,
    problems: state.subscribed ? [] : [noMaster],
  };
}

/** The cluster that this platform is, with its framework where its containers are Mesos tasks. */
export function clusterPage(view: ClusterView, mesos: FrameworkParts | undefined): ClusterReport {
  const { changes, members, problems, ...rest } = view;
  return {
    ...rest,
    changes: [...changes],
    members: members.map((member) => ({ ...member, meta: { ...member.meta } })),
    problems: [...problems],
    ...(mesos && { framework: frameworkPage(mesos) }),
  };
}
