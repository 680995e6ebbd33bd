import { cp, rm } from 'node:fs/promises';

import { describeActivationJournal } from '../../src/store/activation-journal.contract.ts';
import { describeActivationStore } from '../../src/store/activation-store.contract.ts';
import { describeArtifactStore } from '../../src/store/artifact-store.contract.ts';
import { describeAttachmentStore } from '../../src/store/attachment-store.contract.ts';
import { describeAuthStore } from '../../src/store/auth-store.contract.ts';
import type { SqliteStores } from '../../src/store/sqlite/sqlite-stores.ts';
import { openStores, temporaryDirectory, temporaryStores } from './temporary-stores.ts';

describeArtifactStore('SQLite', async () => {
  const { stores, remove } = await temporaryStores();
  return { store: stores.artifacts, close: remove };
});
describeAttachmentStore('SQLite', async () => {
  const { stores, remove } = await temporaryStores();
  return { store: stores.attachments, close: remove };
});
describeAuthStore('SQLite', async () => {
  const { stores, remove } = await temporaryStores();
  return { store: stores.auth, close: remove };
});
describeActivationStore('SQLite', async () => {
  const { stores, remove } = await temporaryStores();
  return { store: stores.activations, journal: stores.journal, close: remove };
});
describeActivationJournal('a journal in files', async () => {
  const { directory, stores, remove } = await temporaryStores();
  const copies: { stores: SqliteStores; copy: string }[] = [];
  // What lies on the disk while the first process still lives is what its death would leave.
  const crash = async () => {
    const copy = await temporaryDirectory();
    await cp(directory, copy, { recursive: true });
    const next = await openStores(copy);
    copies.push({ stores: next, copy });
    return next.journal;
  };
  const close = async () => {
    await remove();
    for (const { stores: opened, copy } of copies) {
      await opened.close();
      await rm(copy, { recursive: true });
    }
  };
  return { journal: stores.journal, crash, close };
});
