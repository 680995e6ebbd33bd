import { openCluster, KIND } from '../../../test/mesos/mesos-fixture.ts';
import { containerFactoryContract } from '../container-factory.contract.ts';

for (const confined of [false, true])
  containerFactoryContract(
    confined ? 'MesosContainerFactory with sandboxes on its agents' : 'MesosContainerFactory',
    async () => {
      const cluster = await openCluster({ confined });
      return {
        factory: await cluster.openFactory(),
        kind: KIND,
        reopen: () => cluster.openFactory(),
        cleanUp: cluster.close,
      };
    },
  );
