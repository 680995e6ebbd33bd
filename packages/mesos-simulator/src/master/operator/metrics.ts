import type { MasterState } from '../state/master-state.ts';
import { Resources } from '../resources/resources.ts';

/** Gauges by their names in `/metrics/snapshot`, and the counters that the master keeps. */
export function masterMetrics(master: MasterState): Readonly<Record<string, number>> {
  const frameworks = [...master.frameworks.values()];
  const agents = [...master.agents.values()];
  const connected = frameworks.filter(({ stream }) => stream !== undefined).length;
  const reachable = agents.filter(({ link }) => link !== undefined);
  const active = reachable.filter(({ deactivated }) => !deactivated).length;
  const tasks = new Map<string, number>();
  for (const framework of frameworks) {
    for (const { state } of framework.tasks.values()) tasks.set(state, (tasks.get(state) ?? 0) + 1);
  }
  const running = ['TASK_STAGING', 'TASK_STARTING', 'TASK_RUNNING', 'TASK_KILLING'].map((state) => [
    `master/${state.toLowerCase().replace('task_', 'tasks_')}`,
    tasks.get(state) ?? 0,
  ]);
  return {
    'master/elected': master.phase === 'leading' ? 1 : 0,
    'master/uptime_secs': (master.time.epochMs - (master.startMs ?? 0)) / 1000,
    'master/frameworks_active': connected,
    'master/frameworks_connected': connected,
    'master/frameworks_disconnected': frameworks.length - connected,
    'master/frameworks_inactive': frameworks.length - connected,
    'master/outstanding_offers': master.offers.size,
    'master/slaves_active': active,
    'master/slaves_connected': reachable.length,
    'master/slaves_disconnected': agents.length - reachable.length,
    'master/slaves_inactive': agents.length - active,
    'master/slaves_unreachable': master.registry.unreachable.size,
    'master/tasks_unreachable': frameworks.reduce(
      (sum, { unreachableTasks }) => sum + unreachableTasks.size,
      0,
    ),
    ...(Object.fromEntries(running) as Record<string, number>),
    ...resourceMetrics(master),
    ...Object.fromEntries(master.counters),
  };
}

function resourceMetrics(master: MasterState): Readonly<Record<string, number>> {
  const agents = [...master.agents.values()];
  const metrics: Record<string, number> = {};
  for (const name of ['cpus', 'mem', 'disk', 'gpus']) {
    let total = 0;
    let used = 0;
    for (const agent of agents) {
      const offered = [...agent.offers].reduce((sum, { resources }) => sum.add(resources), Resources.none);
      total += agent.total.scalarMilli(name);
      used += agent.total.subtract(agent.available).subtract(offered).scalarMilli(name);
    }
    metrics[`master/${name}_total`] = total / 1000;
    metrics[`master/${name}_used`] = used / 1000;
    metrics[`master/${name}_percent`] = total === 0 ? 0 : used / total;
  }
  return metrics;
}
