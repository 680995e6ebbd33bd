import type { LeaseWitness } from '@vibrissa/cluster';
import { subscribedAt } from '@vibrissa/mesos';

import { findFramework, type FrameworkMarks } from './find-framework.ts';
import { readLabels } from './cluster-labels.ts';
import { MesosAccess, type AccessOptions } from './mesos-access.ts';

/**
 * Mesos as the witness for a lease of two instances: the leading master sees which of them is subscribed.
 *
 *     const witness = mesosWitness({ masters, name: 'my-framework', cluster: 'my-cluster' });
 *     const { holder, epoch, isConnected } = await witness.observe();
 *
 * It reads the framework's labels `cluster.name`, `cluster.epoch` (of the lease) and `cluster.member` (its id), which a
 * scheduler of your own gives with each subscription; a `ClusteredScheduler` gives them by itself.
 * `observe` rejects with `MasterUnreachable`, `NotAMaster` or `OperatorRefused`: then nobody knows.
 */
export function mesosWitness(
  options: AccessOptions & FrameworkMarks,
): LeaseWitness & { close(): Promise<void> } {
  const access = new MesosAccess(options);
  return {
    async observe() {
      const framework = await findFramework(access.operator, options);
      const labels = readLabels(framework?.framework_info.labels);
      if (!framework || !labels) return { epoch: 0, isConnected: false };
      return {
        holder: labels.member,
        epoch: labels.epoch,
        isConnected: framework.connected,
        begun: String(subscribedAt(framework)),
      };
    },
    close: () => access.close(),
  };
}
