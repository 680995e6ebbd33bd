import { openCluster, KIND } from '../../../test/mesos/mesos-fixture.ts';
import { containerFactoryContract } from '../container-factory.contract.ts';

containerFactoryContract('MesosContainerFactory', async () => {
  const cluster = await openCluster();
  return { factory: await cluster.openFactory(), kind: KIND, cleanUp: cluster.close };
});
