import { join } from 'node:path';

import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { ActivationJournal } from '../activation-journal.ts';
import type { ActivationStore } from '../activation-store.ts';
import type { ArtifactStore } from '../artifact-store.ts';
import type { AttachmentStore } from '../attachment-store.ts';
import type { AuthStore } from '../auth-store.ts';
import { Sealer } from '../crypto/sealer.ts';
import { DataDirectory } from './data-directory.ts';
import { FileActivationJournal } from './journal/file-activation-journal.ts';
import { GroupCommit, type GroupCommitStats } from './journal/group-commit.ts';
import { nodeJournalFiles, type JournalFiles } from './journal/journal-files.ts';
import { resealAll, type ResealOutcome } from './reseal.ts';
import { SqliteActivationStore } from './sqlite-activation-store.ts';
import { SqliteArtifactStore } from './sqlite-artifact-store.ts';
import { SqliteAttachmentStore } from './sqlite-attachment-store.ts';
import { SqliteAuthStore } from './sqlite-auth-store.ts';
import type { ThreadStats } from './thread/calls.ts';
import { SharedOffset } from './thread/shared-offset.ts';
import { ThreadClient } from './thread/thread-client.ts';

/** The slices of the configuration that the stores take. */
export interface StoreConfig {
  readonly journal: {
    /** `off`: nothing is forced to the disk. */
    readonly durability: 'on' | 'off';
    /** Bytes after which a new segment is begun. */
    readonly segmentSize: number;
  };
  /** Milliseconds and bytes. */
  readonly retention: { readonly activationAge: number; readonly activationSize: number };
  readonly secrets: { readonly keyFile?: string | undefined; readonly keyCommand?: string | undefined };
}

/** What the stores need to be opened. */
export interface StoreDeps {
  readonly dataDir: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly config: StoreConfig;
  /** Writes small batches of the journal on the event loop, see `GroupCommitDeps.inlineWrites`; default: never. */
  readonly inlineWrites?: boolean;
  /** The journal's disk; a test's own, to break it. */
  readonly journalFiles?: JournalFiles;
}

/** Figures of journal and store. */
export interface StoreStats extends GroupCommitStats, ThreadStats {}

/**
 * Everything that the platform keeps, in one directory: entities, code, subjects, the journal, and the activations
 * that are filled from it.
 *
 *     const stores = await SqliteStores.open({ dataDir, clock, logger, config });
 *     for (const { message, started } of await stores.journal.unfinished()) …
 *     await stores.close();
 */
export class SqliteStores {
  readonly artifacts: ArtifactStore;
  readonly attachments: AttachmentStore;
  readonly auth: AuthStore;
  readonly activations: ActivationStore;
  readonly journal: ActivationJournal;
  readonly #directory: DataDirectory;
  readonly #thread: ThreadClient;
  readonly #commit: GroupCommit;
  readonly #logger: Logger;
  #sealer: Sealer;
  #resealing: Promise<ResealOutcome> | undefined;
  #closed: Promise<void> | undefined;

  private constructor(
    { clock, logger }: StoreDeps,
    parts: { directory: DataDirectory; thread: ThreadClient; commit: GroupCommit; offset: number },
  ) {
    const { directory, thread, commit, offset } = parts;
    this.#logger = logger;
    this.#directory = directory;
    this.#thread = thread;
    this.#commit = commit;
    this.#sealer = new Sealer(directory.keyring);
    const sealer = () => this.#sealer;
    this.artifacts = new SqliteArtifactStore(thread, sealer);
    this.attachments = new SqliteAttachmentStore(thread);
    this.auth = new SqliteAuthStore(thread, sealer);
    this.activations = new SqliteActivationStore(thread, () => commit.writtenOffset);
    const pending = () => thread.call('activations.pending', offset);
    this.journal = new FileActivationJournal({ commit, sealer, clock, logger, pending });
  }

  /**
   * Locks the directory, recovers what a crash left, and opens everything. Throws `DataDirectoryError` (in use,
   * newer, unusable) or `SecretKeyError`, which say how to mend it.
   */
  static async open(deps: StoreDeps): Promise<SqliteStores> {
    const { dataDir: path, clock, logger, config } = deps;
    const directory = await DataDirectory.open({ path, clock, logger, secrets: config.secrets });
    const shared = new SharedOffset();
    const journalDirectory = join(path, 'journal');
    const { retention } = config;
    const data = { directory: path, journalDirectory, shared: shared.buffer, retention };
    const thread = new ThreadClient({ data, clock, logger });
    try {
      const { offset, pending } = await thread.call('thread.recover');
      if (pending > 0) logger.info({ activations: pending }, 'an earlier run left activations unfinished');
      const commit = await GroupCommit.open({
        files: deps.journalFiles ?? nodeJournalFiles,
        directory: journalDirectory,
        clock,
        logger,
        durability: config.journal.durability,
        segmentBytes: config.journal.segmentSize,
        inlineWrites: deps.inlineWrites ?? false,
        offset,
        published: (written) => {
          shared.value = written;
          if (shared.takeSleeper()) thread.wake();
        },
      });
      const stores = new SqliteStores(deps, { directory, thread, commit, offset });
      if (directory.hasOldKeys) stores.#resealInBackground();
      return stores;
    } catch (error) {
      await thread.close();
      directory.close();
      throw error;
    }
  }

  async stats(): Promise<StoreStats> {
    return { ...this.#commit.stats(), ...(await this.#thread.call('thread.stats')) };
  }

  /**
   * Reads the master keys again and seals everything with the first one; afterwards the others may be removed. What
   * is running goes on meanwhile.
   */
  async reloadKeys(): Promise<ResealOutcome> {
    await this.#resealing?.catch(() => {});
    this.#sealer = new Sealer(await this.#directory.reloadKeys());
    return this.#reseal();
  }

  /** Writes, syncs and stores everything, and unlocks the directory. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    try {
      await this.#resealing?.catch(() => {});
      await this.journal.close();
      await this.#thread.call('thread.close', this.#commit.writtenOffset).catch((error: unknown) => {
        this.#logger.warn(
          { err: error },
          'the store was not filled to the end; the next start goes on with it',
        );
      });
    } finally {
      await this.#thread.close();
      this.#directory.close();
    }
  }

  #resealInBackground(): void {
    this.#reseal().catch((error: unknown) => {
      this.#logger.error({ err: error }, 'sealing the stored secrets with the new key failed');
    });
  }

  #reseal(): Promise<ResealOutcome> {
    this.#resealing = this.#resealNow().finally(() => {
      this.#resealing = undefined;
    });
    return this.#resealing;
  }

  async #resealNow(): Promise<ResealOutcome> {
    // Intents that an older key sealed may still lie in the journal; they go into the table first.
    await this.#commit.flush();
    await this.#thread.call('thread.checkpoint', this.#commit.writtenOffset);
    const outcome = await resealAll(this.#thread, this.#sealer);
    await this.#thread.call('thread.checkpoint', this.#commit.writtenOffset);
    if (outcome.unreadable === 0) {
      await this.#directory.retireOldKeys();
      this.#logger.info(outcome, 'everything is sealed with the newest key; older ones may be removed');
    } else {
      this.#logger.error(outcome, 'some stored secrets could not be read');
    }
    return outcome;
  }
}
