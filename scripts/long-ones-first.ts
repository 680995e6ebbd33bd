import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * What takes longest, in the order in which it begins: a machine that has run no tests yet knows no durations, and a long
 * one that begins last is left alone. At first what is to be heard in time (leases, heartbeats) runs beside fuzzing, which
 * steps back for it (`computing` in vitest.config.ts); after that, what computes stands between what waits.
 */
const long = [
  'packages/server/test/faults/fuzz.test.ts',
  'packages/cluster/test/fuzz/wire.test.ts',
  'packages/cluster/test/attack/strangers.test.ts',
  'packages/cluster/test/node/cluster-node.test.ts',
  'packages/mesos-ha/test/processes/partitions.test.ts',
  'packages/mesos-ha/test/processes/restarts.test.ts',
  'packages/mesos-ha/test/two-instances.test.ts',
  'packages/server/test/mesos-faults/mesos-faults.test.ts',
  'packages/mesos/test/transport/fuzz.test.ts',
  'packages/mesos-ha/test/processes/mishap-loop.test.ts',
  'packages/mesos-ha/test/processes/crash-points.test.ts',
  'packages/mesos-ha/test/processes/failover.test.ts',
  'packages/mesos-ha/test/processes/slow-networks.test.ts',
  'packages/server/test/faults/leftovers.test.ts',
  'packages/mesos-simulator/test/simulation/simulation.test.ts',
  'packages/server/test/platform/drain.test.ts',
  'packages/server/test/guide/guide.test.ts',
  'packages/server/test/faults/fuzz-web-actions.test.ts',
  'packages/server/test/platform/start.test.ts',
  'packages/server/test/history/kill-loop.test.ts',
  'packages/mesos-simulator/test/simulation/scale.test.ts',
  'packages/server/test/faults/hostile-code.test.ts',
  'test/voice-assistant/example.test.ts',
  'packages/server/test/mesos/bad-settings.test.ts',
  'packages/server/test/gateway/api-fuzz.test.ts',
  'packages/mesos-simulator/test/conformance/conformance.test.ts',
  'packages/server/test/platform/administration.test.ts',
  'packages/cluster/test/simulation/simulation.test.ts',
  'packages/server/test/history/fire-kill.test.ts',
  'packages/server/test/mesos/operator.test.ts',
  'packages/cluster/test/membership/swim-simulation.test.ts',
  'packages/server/test/compatibility/events.test.ts',
  'packages/server/test/platform/user-events.test.ts',
  'packages/mesos-simulator/test/virtual/scale.test.ts',
  'packages/server/test/platform/sequence-restart.test.ts',
  'packages/cluster/test/founding/founding-simulation.test.ts',
  'packages/server/test/platform/packages.test.ts',
  'runtimes/shared/test/container-protocol.test.ts',
  'packages/server/test/invoker/invoker.test.ts',
];

/** Begins with {@link long}; what follows is sorted as Vitest does it. */
export class LongOnesFirst extends BaseSequencer {
  /** Throws where a file is named that has gone elsewhere. */
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const { root } = this.ctx.config;
    const gone = long.filter((file) => !existsSync(join(root, file)));
    if (gone.length > 0) throw new Error(`scripts/long-ones-first.ts names what is gone: ${gone.join(', ')}`);
    const sorted = await super.sort(files);
    const place = ({ moduleId }: TestSpecification) => {
      const at = long.indexOf(relative(root, moduleId));
      return at === -1 ? long.length : at;
    };
    return sorted.toSorted((a, b) => place(a) - place(b));
  }
}
