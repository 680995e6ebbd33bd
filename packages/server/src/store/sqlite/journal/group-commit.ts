import type { Clock, Timer } from '../../../base/clock.ts';
import type { Logger } from '../../../base/logger.ts';
import { JournalUnavailableError } from '../../activation-journal.ts';
import { BatchBuffer } from './batch-buffer.ts';
import { Batch } from './batch.ts';
import type { JournalFile, JournalFiles } from './journal-files.ts';
import { segmentName } from './segment-names.ts';

/** What is written starts on its way to the disk after this, so that it is there within 5 ms. */
const SYNC_AFTER_MS = 4;

/** What is copied to the kernel on the event loop at most. */
const INLINE_BYTES = 64 * 1024;
/** A copy that takes longer than this has waited for the disk… */
const INLINE_SLOW_MS = 1;
/** …and is not tried again for so long. */
const INLINE_PAUSE_MS = 1000;

/** What a group commit works with. */
export interface GroupCommitDeps {
  readonly files: JournalFiles;
  readonly directory: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** `off`: nothing is forced to the disk. */
  readonly durability: 'on' | 'off';
  readonly segmentBytes: number;
  /**
   * Writes small batches on the event loop while no sync is under way: a write is a copy into the kernel's memory
   * then, and costs a tenth of the way through the thread pool. When one is slow, the pool writes for a while.
   */
  readonly inlineWrites: boolean;
  /** The journal's offset at which the first new segment starts. */
  readonly offset: number;
  /** Told the new end whenever something was written. */
  readonly published: (offset: number) => void;
}

/** What the commit has done so far. */
export interface GroupCommitStats {
  readonly batches: number;
  readonly syncs: number;
  readonly failures: number;
  readonly writtenOffset: number;
  readonly syncedOffset: number;
  /** A sync has failed: nothing is taken any more. */
  readonly poisoned: boolean;
}

/**
 * Writes frames in batches: while one batch is on its way, the next one fills. Writes and syncs overlap, and
 * neither ever stands on the event loop.
 *
 * After a failed write the file is cut back to its last good byte before anything follows. After a failed sync (or
 * a failed cut) nobody knows what the disk holds, and asking it again may get the answer that all is well; so
 * nothing is taken any more until a restart has read what is there.
 */
export class GroupCommit {
  readonly #deps: GroupCommitDeps;
  #file: JournalFile;
  /** The journal's offset of the file's first byte. */
  #base: number;
  #written: number;
  #synced: number;
  #open = new Batch(new BatchBuffer());
  #spare: BatchBuffer | undefined;
  #scheduled = false;
  #hastened = false;
  #draining: Promise<void> | undefined;
  #syncing: Promise<void> | undefined;
  #syncTimer: Timer | undefined;
  #unsynced: { readonly batch: Batch; readonly end: number }[] = [];
  #refusal: JournalUnavailableError | undefined;
  #counts = { batches: 0, syncs: 0, failures: 0 };
  /** Failed batches since the last good one. */
  #failing = 0;
  #poisoned = false;
  /** Monotonic time from which batches may be written inline. */
  #inlineFrom = -Infinity;

  private constructor(deps: GroupCommitDeps, file: JournalFile) {
    this.#deps = deps;
    this.#file = file;
    this.#base = this.#written = this.#synced = deps.offset;
  }

  /** Begins a segment at `deps.offset`. */
  static async open(deps: GroupCommitDeps): Promise<GroupCommit> {
    return new GroupCommit(deps, await deps.files.create(deps.directory, segmentName(deps.offset)));
  }

  /** The journal's offset up to which everything is written. */
  get writtenOffset(): number {
    return this.#written;
  }

  stats(): GroupCommitStats {
    return {
      ...this.#counts,
      writtenOffset: this.#written,
      syncedOffset: this.#synced,
      poisoned: this.#poisoned,
    };
  }

  /** Where the next frames go; they leave by themselves. Throws {@link JournalUnavailableError}. */
  get batch(): BatchBuffer {
    if (this.#refusal) throw this.#refusal;
    if (!this.#scheduled && !this.#hastened && !this.#draining) {
      this.#scheduled = true;
      setImmediate(() => this.#drain());
    }
    return this.#open.buffer;
  }

  /** To be called before something is put in: the batch leaves at the end of this callback of the event loop, not in its next turn. */
  hasten(): void {
    if (this.#hastened || this.#draining) return;
    this.#hastened = true;
    process.nextTick(() => {
      this.#hastened = false;
      this.#drain();
    });
  }

  /** Resolves when what was put into the batch is written; rejects with {@link JournalUnavailableError}. */
  whenWritten(): Promise<void> {
    return this.#open.written;
  }

  /** Resolves when what was put into the batch is on the disk; rejects with {@link JournalUnavailableError}. */
  whenDurable(): Promise<void> {
    return this.#open.durable;
  }

  /** Resolves when everything taken so far was written, or has failed. */
  async flush(): Promise<void> {
    this.#drain();
    await this.#draining;
  }

  /** Takes no more, writes and syncs what it has. */
  async close(): Promise<void> {
    this.#refusal ??= new JournalUnavailableError('The journal is closed.');
    this.#drain();
    await this.#draining;
    this.#syncTimer?.cancel();
    // A failed sync has been told to those who waited for it, and is in the log.
    await this.#syncAll().catch(() => {});
    await this.#file.close();
  }

  #drain(): void {
    this.#scheduled = false;
    if (this.#open.buffer.length > 0) this.#draining ??= this.#writeBatches();
  }

  async #writeBatches(): Promise<void> {
    while (this.#open.buffer.length > 0) {
      const batch = this.#open;
      this.#open = new Batch(this.#spare ?? new BatchBuffer());
      this.#spare = undefined;
      await this.#writeBatch(batch);
      batch.buffer.clear();
      this.#spare = batch.buffer;
    }
    // In the same turn as the look at the empty batch: an entry that comes now schedules a write again.
    this.#draining = undefined;
  }

  async #writeBatch(batch: Batch): Promise<void> {
    try {
      if (this.#poisoned) throw this.#refusal!;
      if (this.#written - this.#base >= this.#deps.segmentBytes) await this.#rotate();
      await this.#writeAll(batch.buffer.bytes);
      // Poisoned meanwhile: it is written, but nobody knows whether it will ever be on the disk.
      if (this.#poisoned) throw this.#refusal!;
    } catch (cause) {
      this.#counts.failures += 1;
      await this.#cutBack(cause as Error);
      batch.fail(new JournalUnavailableError('The journal could not be written.', { cause }));
      return;
    }
    this.#counts.batches += 1;
    if (this.#failing > 0) this.#recovered();
    this.#written += batch.buffer.length;
    this.#deps.published(this.#written);
    batch.resolveWritten();
    this.#syncLater(batch);
  }

  async #writeAll(bytes: Buffer): Promise<void> {
    let done = 0;
    while (done < bytes.length) {
      const position = this.#written - this.#base + done;
      const rest = bytes.subarray(done);
      const count = this.#writeInline(rest, position) ?? (await this.#file.write(rest, position));
      if (count === 0) throw new Error('the disk took nothing');
      done += count;
    }
  }

  /** Undefined: this one is for the thread pool. */
  #writeInline(bytes: Buffer, position: number): number | undefined {
    const { inlineWrites, clock } = this.#deps;
    if (!inlineWrites || bytes.length > INLINE_BYTES || this.#syncing) return undefined;
    const before = clock.monotonicMs();
    if (before < this.#inlineFrom) return undefined;
    const count = this.#file.writeInline?.(bytes, position);
    const after = clock.monotonicMs();
    if (after - before > INLINE_SLOW_MS) this.#inlineFrom = after + INLINE_PAUSE_MS;
    return count;
  }

  async #cutBack(cause: Error): Promise<void> {
    if (this.#poisoned) return;
    // Once for all the batches that fail in a row: a full disk must not fill up with log lines.
    if (this.#failing++ === 0) this.#deps.logger.error({ err: cause }, 'the journal can not be written');
    try {
      await this.#file.truncate(this.#written - this.#base);
    } catch (error) {
      this.#poison(error as Error);
    }
  }

  #recovered(): void {
    this.#deps.logger.warn({ failedBatches: this.#failing }, 'the journal can be written again');
    this.#failing = 0;
  }

  #syncLater(batch: Batch): void {
    if (this.#deps.durability === 'off') {
      batch.resolveDurable();
      this.#synced = this.#written;
      return;
    }
    if (batch.isUrgent) {
      this.#unsynced.push({ batch, end: this.#written });
      this.#syncing ??= this.#sync();
    } else {
      this.#armSync();
    }
  }

  #armSync(): void {
    this.#syncTimer ??= this.#deps.clock.after(SYNC_AFTER_MS, () => {
      this.#syncTimer = undefined;
      this.#syncing ??= this.#sync();
    });
  }

  /** Syncs for as long as somebody waits; what nobody waits for is left to the timer. */
  async #sync(): Promise<void> {
    do await this.#syncOnce();
    while (this.#unsynced.length > 0 && !this.#poisoned);
    this.#syncing = undefined;
    if (this.#synced < this.#written && !this.#poisoned) this.#armSync();
  }

  async #syncOnce(): Promise<void> {
    const target = this.#written;
    if (target === this.#synced || this.#poisoned) return;
    try {
      await this.#file.datasync();
    } catch (error) {
      this.#poison(error as Error);
      return;
    }
    this.#counts.syncs += 1;
    this.#synced = target;
    const waiting = this.#unsynced.findIndex(({ end }) => end > target);
    const done = this.#unsynced.splice(0, waiting === -1 ? this.#unsynced.length : waiting);
    for (const { batch } of done) batch.resolveDurable();
  }

  async #syncAll(): Promise<void> {
    await this.#syncing;
    // As the one running sync, so that a timer doesn't start another on a file that is about to be closed.
    if (this.#deps.durability === 'on') await (this.#syncing ??= this.#sync());
    if (this.#poisoned) throw this.#refusal!;
  }

  async #rotate(): Promise<void> {
    await this.#syncAll();
    const { files, directory } = this.#deps;
    const next = await files.create(directory, segmentName(this.#written));
    const full = this.#file;
    this.#file = next;
    this.#base = this.#written;
    await full.close();
  }

  #poison(cause: Error): void {
    if (this.#poisoned) return;
    this.#poisoned = true;
    this.#syncTimer?.cancel();
    this.#refusal = new JournalUnavailableError(
      'The journal is unusable since the disk failed; the platform must be restarted.',
      { cause },
    );
    this.#deps.logger.error({ err: cause }, 'the disk failed to keep the journal; nothing is taken any more');
    for (const { batch } of this.#unsynced.splice(0)) batch.fail(this.#refusal);
  }
}
