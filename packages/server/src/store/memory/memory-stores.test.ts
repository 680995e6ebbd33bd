import { describeActivationStore } from '../activation-store.contract.ts';
import { describeArtifactStore } from '../artifact-store.contract.ts';
import { describeAttachmentStore } from '../attachment-store.contract.ts';
import { describeAuthStore } from '../auth-store.contract.ts';
import { MemoryActivationStore } from './memory-activation-store.ts';
import { MemoryArtifactStore } from './memory-artifact-store.ts';
import { MemoryAttachmentStore } from './memory-attachment-store.ts';
import { MemoryAuthStore } from './memory-auth-store.ts';

describeArtifactStore('a store in memory', async () => ({ store: new MemoryArtifactStore() }));
describeAttachmentStore('a store in memory', async () => ({ store: new MemoryAttachmentStore() }));
describeAuthStore('a store in memory', async () => ({ store: new MemoryAuthStore() }));
describeActivationStore('a store in memory', async () => {
  const store = new MemoryActivationStore();
  const journal = {
    accept: async () => {},
    start: async () => {},
    finish: store.finish.bind(store),
    logged: store.logged.bind(store),
    discard: async () => {},
    unfinished: async () => [],
    close: async () => {},
  };
  return { store, journal };
});
