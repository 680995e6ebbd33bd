import type { WireLabels } from '@vibrissa/mesos';

/** What the framework and its tasks bear in Mesos, where it outlives all instances. */
export interface ClusterLabels {
  /** The cluster's. */
  readonly name: string;
  /** Of the leader that has launched the task, or subscribed. */
  readonly epoch: number;
  /** That leader. */
  readonly member: string;
  /** The id that the task was submitted with; Mesos knows it by another one after a launch that came to nothing. */
  readonly task?: string;
}

const keys = {
  name: 'cluster.name',
  epoch: 'cluster.epoch',
  member: 'cluster.member',
  task: 'cluster.task',
} as const;

/** Whoever may set labels in Mesos could else use up all epochs of the clusters to come. */
const HIGHEST_EPOCH = 2 ** 52;

/** As options of the Mesos client take them. */
export function labelsOf({ name, epoch, member, task }: ClusterLabels): Readonly<Record<string, string>> {
  return {
    [keys.name]: name,
    [keys.epoch]: String(epoch),
    [keys.member]: member,
    ...(task === undefined ? {} : { [keys.task]: task }),
  };
}

/** Undefined: it is no cluster's. */
export function readLabels(wire: WireLabels | undefined): ClusterLabels | undefined {
  const labels = plainLabels(wire);
  const name = labels[keys.name];
  if (name === undefined) return undefined;
  const epoch = Number(labels[keys.epoch]);
  const task = labels[keys.task];
  return {
    name,
    epoch: Number.isSafeInteger(epoch) && epoch > 0 && epoch <= HIGHEST_EPOCH ? epoch : 0,
    member: labels[keys.member] ?? '',
    ...(task === undefined ? {} : { task }),
  };
}

export function plainLabels(wire: WireLabels | undefined): Readonly<Record<string, string>> {
  return Object.fromEntries((wire?.labels ?? []).map(({ key, value = '' }) => [key, value]));
}
