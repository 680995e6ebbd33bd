import { mkdir } from 'node:fs/promises';

import { systemClock, type Clock, type Timer } from '../base/clock.ts';
import { DirectoryLock } from '../storage/directory-lock.ts';
import { DIRECTORY_MODE } from '../storage/durable-file.ts';
import { StorageError } from '../storage/storage-error.ts';
import { readEpoch, writeEpoch } from './epoch-file.ts';
import { HeldLease } from './held-lease.ts';
import type { Lease, LeaderLease, LeaseEvent } from './leader-lease.ts';

const RETRY_MS = 1_000;

export interface SingleLeaseOptions {
  /** Holds the last epoch; beside it lies the lock, `<epochFile>.lock`. */
  readonly epochFile: string;
  readonly clock?: Clock;
}

/**
 * For one instance alone: it leads as long as it runs, and each start is a new epoch, counted in a file.
 *
 *     const lease = await SingleLease.open({ epochFile: '/var/lib/my-framework/epoch' });
 *
 * What keeps a second instance out is the lock beside the file, and only on the same machine and disk: of instances with
 * different files each one leads. Marathon starts a second one while the first one's machine is unreachable; give that
 * app three instances and a cluster, or a disk that only one can have.
 */
export class SingleLease implements LeaderLease {
  readonly #path: string;
  readonly #lock: DirectoryLock;
  readonly #clock: Clock;
  readonly #held = new HeldLease();
  #epoch: number;
  #retry: Timer | undefined;
  #acquiring: Promise<void> | undefined;
  #closing: Promise<void> | undefined;

  private constructor(path: string, epoch: number, deps: { lock: DirectoryLock; clock: Clock }) {
    this.#path = path;
    this.#epoch = epoch;
    this.#lock = deps.lock;
    this.#clock = deps.clock;
  }

  /** Holds the lease when it resolves. Throws {@link StorageError}, `STORAGE_IN_USE` when another process holds it. */
  static async open({ epochFile, clock = systemClock }: SingleLeaseOptions): Promise<SingleLease> {
    const lock = await takeLock(`${epochFile}.lock`);
    try {
      const lease = new SingleLease(epochFile, await readEpoch(epochFile), { lock, clock });
      await lease.#acquire();
      return lease;
    } catch (error) {
      await lock.release();
      throw error instanceof StorageError ? error : failed(epochFile, error);
    }
  }

  get current(): Lease | undefined {
    return this.#held.current;
  }

  isValid(nowMs: number): boolean {
    return this.#held.isValid(nowMs);
  }

  watch(listener: (event: LeaseEvent) => void): () => void {
    return this.#held.watch(listener);
  }

  resign(why: string): void {
    if (!this.#held.current) return;
    this.#held.lose(why);
    this.#acquireAgain();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#retry?.cancel();
    this.#held.lose('it was closed');
    await this.#acquiring;
    await this.#lock.release();
  }

  async #acquire(): Promise<void> {
    const epoch = this.#epoch + 1;
    await writeEpoch(this.#path, epoch);
    this.#epoch = epoch;
    if (!this.#closing) this.#held.acquire({ epoch, validUntilMs: Infinity });
  }

  #acquireAgain(): void {
    if (this.#closing) return;
    this.#acquiring = this.#acquire().catch(() => {
      // A full disk, perhaps: without the epoch on it there is no lease.
      if (!this.#closing) this.#retry = this.#clock.after(RETRY_MS, () => this.#acquireAgain());
    });
  }
}

async function takeLock(directory: string): Promise<DirectoryLock> {
  try {
    await mkdir(directory, { recursive: true, mode: DIRECTORY_MODE });
    return await DirectoryLock.take(directory);
  } catch (cause) {
    throw cause instanceof StorageError ? cause : failed(directory, cause);
  }
}

function failed(path: string, cause: unknown): StorageError {
  return new StorageError('STORAGE_FAILED', {
    what: `The lease in ${path} can't be had: ${(cause as Error).message}.`,
    mend: 'Let this program write there, and look after the disk.',
    cause,
  });
}
