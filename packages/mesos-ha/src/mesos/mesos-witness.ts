import type { LeaseWitness } from '@vibrissa/cluster';
import type { MasterFramework } from '@vibrissa/mesos';

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
        begun: lastSubscription(framework),
      };
    },
    close: () => access.close(),
  };
}

/** Mesos notes when a framework subscribed first, and when it did last. */
function lastSubscription({ reregistered_time: again, registered_time: first }: MasterFramework): string {
  return String((again ?? first)?.nanoseconds);
}
