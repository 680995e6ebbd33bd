import { nodeKind, openSandboxes } from '../../../test/attacks/sandbox-fixture.ts';
import { containerFactoryContract } from '../container-factory.contract.ts';

for (const plain of [false, true])
  containerFactoryContract(
    plain ? 'SandboxContainerFactory without isolation' : 'SandboxContainerFactory',
    async () => {
      const { factory, close } = await openSandboxes({ config: { plain } });
      return { factory, kind: nodeKind, cleanUp: close };
    },
  );
