import type { WireLabels } from '@vibrissa/mesos';

import { readLabels } from './cluster-labels.ts';
import { MesosAccess, type AccessOptions } from './mesos-access.ts';

export interface EpochFloorOptions extends AccessOptions {
  /** The cluster's name. */
  readonly cluster: string;
}

/**
 * The highest epoch that a cluster of this name has left in Mesos, in the labels of frameworks and tasks: one that is
 * founded anew begins above it, so that its epochs go on growing. 0: Mesos knows none.
 *
 *     const cluster = await ClusterNode.open({ …, epochFloor: () => epochFloorFromMesos({ masters, cluster: name }) });
 *
 * Rejects with `MasterUnreachable`, `NotAMaster` or `OperatorRefused` when no master says.
 */
export async function epochFloorFromMesos(options: EpochFloorOptions): Promise<number> {
  const access = new MesosAccess(options);
  try {
    const { frameworks, completed } = await access.operator.getFrameworks();
    const tasks = await access.operator.getTasks();
    const labels: readonly (WireLabels | undefined)[] = [
      ...[...frameworks, ...completed].map((framework) => framework.framework_info.labels),
      ...[...tasks.pending, ...tasks.tasks, ...tasks.unreachable, ...tasks.completed].map(
        (task) => task.labels,
      ),
    ];
    let highest = 0;
    for (const each of labels) {
      const read = readLabels(each);
      if (read?.name === options.cluster) highest = Math.max(highest, read.epoch);
    }
    return highest;
  } finally {
    await access.close();
  }
}
