import type { RandomSource } from '../base/random.ts';
import { ConsensusImage } from './consensus-image.ts';
import type { ConsensusStorage, StorageChange, StoredConsensus } from './consensus-storage.ts';
import { newMemberId } from './new-id.ts';
import { StorageError } from './storage-error.ts';

/**
 * Keeps nothing beyond the process: each start is a new member, which is admitted as one that has lost its disk. A cluster
 * all of whose instances do so survives as long as a majority of them runs.
 */
export class MemoryStorage implements ConsensusStorage {
  readonly #id: string;
  readonly #image = new ConsensusImage();
  #generation = 0;
  #isClosed = false;

  constructor({ random }: { readonly random: RandomSource }) {
    this.#id = newMemberId(random);
  }

  load(): Promise<StoredConsensus> {
    if (this.#isClosed) return Promise.reject(closed());
    this.#generation += 1;
    return Promise.resolve(this.#image.stored({ id: this.#id, generation: this.#generation }));
  }

  write(change: StorageChange): Promise<void> {
    if (this.#isClosed) return Promise.reject(closed());
    try {
      this.#image.apply(change);
      return Promise.resolve();
    } catch (error) {
      return Promise.reject(error as StorageError);
    }
  }

  close(): Promise<void> {
    this.#isClosed = true;
    return Promise.resolve();
  }
}

function closed(): StorageError {
  return new StorageError('STORAGE_CLOSED', {
    what: 'The storage of the cluster is closed.',
    mend: 'Open a new instance.',
  });
}
