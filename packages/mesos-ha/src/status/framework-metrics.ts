import type { Cluster } from '@vibrissa/cluster';
import { Counter, Gauge, Registry } from 'prom-client';

import type { ClusteredScheduler } from '../face/clustered-scheduler.ts';

export interface Observed {
  readonly cluster: Cluster;
  readonly framework: ClusteredScheduler;
}

type Value = number | ReadonlyMap<string, number>;

interface Declaration {
  readonly name: string;
  readonly help: string;
  /** Of a value for each of them. */
  readonly label?: string;
  readonly read: (observed: Observed) => Value | undefined;
}

const declarations: readonly Declaration[] = [
  {
    name: 'cluster_leader',
    help: '1 on the instance that leads, 0 on others.',
    read: ({ cluster }) => Number(cluster.view().standing === 'leading'),
  },
  {
    name: 'cluster_epoch',
    help: 'The epoch of the leader that this instance knows.',
    read: ({ cluster }) => cluster.view().leader?.epoch,
  },
  {
    name: 'cluster_members',
    help: 'Members that gossip knows, by their state.',
    label: 'state',
    read: ({ cluster }) =>
      counted(['alive', 'suspect', 'dead', 'left'], cluster.members(), ({ state }) => state),
  },
  {
    name: 'cluster_log_index',
    help: 'Positions in the replicated log.',
    label: 'position',
    read({ cluster }) {
      const { first, last, committed, applied } = cluster.view().log;
      return new Map(Object.entries({ first, last, committed, applied }));
    },
  },
  {
    name: 'cluster_problems',
    help: 'What keeps the cluster from being well.',
    read: ({ cluster }) => cluster.view().problems.length,
  },
  {
    name: 'cluster_refused_packets',
    help: 'Packets of strangers since the start.',
    read: ({ cluster }) => cluster.view().refusedPackets,
  },
  {
    name: 'framework_subscribed',
    help: '1 when the leading instance has a subscription, as far as this one knows.',
    read: ({ framework }) => Number(framework.view().subscribed),
  },
  {
    name: 'framework_tasks',
    help: 'Tasks that are wanted or may run, by their standing.',
    label: 'standing',
    read: ({ framework }) => new Map(Object.entries(framework.view().tasks)),
  },
  {
    name: 'framework_problems',
    help: 'What the leading instance has to say that is in its way.',
    read: ({ framework }) => framework.view().problems.length,
  },
  {
    name: 'framework_failover_seconds',
    help: 'From the last sign of the former leader to the new one’s lease, at the newest change of the leader.',
    read: ({ framework }) => seconds(framework.view().lastFailover?.tookMs),
  },
  {
    name: 'framework_subscribed_after_seconds',
    help: 'From the lease to the subscription, at the newest change of the leader.',
    read: ({ framework }) => seconds(framework.view().lastFailover?.subscribedAfterMs),
  },
];

/** In a registry of their own; read when they are asked for. `stop` ends what listens. */
export function frameworkMetrics(observed: Observed): { registry: Registry; stop: () => void } {
  const registry = new Registry();
  for (const declaration of declarations) register(registry, declaration, observed);
  const changes = new Counter({
    name: 'cluster_leader_changes_total',
    help: 'Leaders that this instance has seen come.',
    registers: [registry],
  });
  let epoch = observed.cluster.view().leader?.epoch;
  const stop = observed.cluster.watch(() => {
    const now = observed.cluster.view().leader?.epoch;
    if (now !== undefined && now !== epoch) changes.inc();
    epoch = now ?? epoch;
  });
  return { registry, stop };
}

function register(registry: Registry, { name, help, label, read }: Declaration, observed: Observed): void {
  new Gauge({
    name,
    help,
    labelNames: label === undefined ? [] : [label],
    registers: [registry],
    collect() {
      const value = read(observed);
      this.reset();
      if (value === undefined) return;
      if (typeof value === 'number') this.set(value);
      else if (label !== undefined) for (const [of, number] of value) this.set({ [label]: of }, number);
    },
  });
}

function counted<T>(
  names: readonly string[],
  items: readonly T[],
  nameOf: (item: T) => string,
): ReadonlyMap<string, number> {
  const counts = new Map(names.map((name) => [name, 0]));
  for (const item of items) counts.set(nameOf(item), (counts.get(nameOf(item)) ?? 0) + 1);
  return counts;
}

function seconds(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : ms / 1000;
}
