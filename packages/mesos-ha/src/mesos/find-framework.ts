import type { MasterFramework, MesosOperator } from '@vibrissa/mesos';

import { readLabels } from './cluster-labels.ts';

/** By what a cluster knows its framework in Mesos, when it has nothing else left of it. */
export interface FrameworkMarks {
  /** The framework's. */
  readonly name: string;
  readonly principal?: string;
  /** The cluster's name. */
  readonly cluster: string;
}

/** The last one to subscribe of those that Mesos has not removed. Undefined: there is none. */
export async function findFramework(
  operator: MesosOperator,
  marks: FrameworkMarks,
  signal?: AbortSignal,
): Promise<MasterFramework | undefined> {
  const { name, principal, cluster } = marks;
  const like = { name, ...(principal === undefined ? {} : { principal }) };
  const found = await operator.findFrameworks(like, signal);
  return found.find(({ framework_info: { labels } }) => readLabels(labels)?.name === cluster);
}
