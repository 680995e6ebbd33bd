import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import type { Clock, Timer } from '../../../base/clock.ts';
import type { Logger } from '../../../base/logger.ts';
import { openDatabase, rowOf, type Connection } from '../database.ts';
import { ActivationTables } from './activation-tables.ts';
import type { Recovery, ThreadCalls, ThreadData } from './calls.ts';
import { EntityTables } from './entity-tables.ts';
import { JournalIntake } from './journal-intake.ts';
import { oldestKept, RetentionTables, type Moment } from './retention.ts';
import { activationMigrations, entityMigrations } from './schema.ts';
import { SealedTables } from './sealed-tables.ts';
import { SegmentReader } from './segment-reader.ts';
import { SharedOffset } from './shared-offset.ts';
import { SubjectTables } from './subject-tables.ts';

/** What is written is in the tables after this, when nobody asks earlier. */
const INTAKE_MS = 100;
const RETRY_MS = 1000;
const RETENTION_MS = 5000;
const ORPHANS_MS = 600_000;

/** What the store thread works with. */
export interface StoreThreadDeps {
  readonly data: ThreadData;
  readonly clock: Clock;
  readonly logger: Logger;
}

function checkpoint(connection: Connection): boolean {
  const statement = connection.prepare('PRAGMA wal_checkpoint(TRUNCATE)');
  return rowOf<{ busy: number }>(statement, [])?.busy === 0;
}

/**
 * The thread behind the stores: it alone has the databases open. It follows the journal in the background, in slices
 * between which it answers questions, and makes up its arrears at once for a question that must see them.
 */
export class StoreThread {
  readonly #deps: StoreThreadDeps;
  readonly #shared: SharedOffset;
  readonly #entitiesDb: Connection;
  readonly #activationsDb: Connection;
  readonly #entities: EntityTables;
  readonly #subjects: SubjectTables;
  readonly #activations: ActivationTables;
  readonly #sealed: SealedTables;
  readonly #retention: RetentionTables;
  readonly #reader: SegmentReader;
  readonly #intake: JournalIntake;
  readonly #opened: Moment;
  readonly #timers: Timer[];
  #pumping = false;
  #pumpTimer: Timer | undefined;
  /** Base of the segment up to which earlier ones were deleted. */
  #droppedTo = -1;
  #closed = false;

  constructor(deps: StoreThreadDeps) {
    const { data, clock, logger } = deps;
    this.#deps = deps;
    this.#shared = new SharedOffset(data.shared);
    mkdirSync(data.journalDirectory, { recursive: true, mode: 0o700 });
    this.#entitiesDb = openDatabase({
      path: join(data.directory, 'entities.db'),
      synchronous: 'FULL',
      migrations: entityMigrations,
      cacheKb: 4096,
    });
    this.#activationsDb = openDatabase({
      path: join(data.directory, 'activations.db'),
      synchronous: 'NORMAL',
      migrations: activationMigrations,
      cacheKb: 16_384,
    });
    this.#entities = new EntityTables(this.#entitiesDb);
    this.#subjects = new SubjectTables(this.#entitiesDb);
    this.#activations = new ActivationTables(this.#activationsDb);
    this.#sealed = new SealedTables(this.#entitiesDb, this.#activationsDb);
    this.#retention = new RetentionTables(this.#activationsDb, data.retention);
    this.#reader = new SegmentReader(data.journalDirectory);
    this.#intake = new JournalIntake(this.#reader, this.#activations, logger);
    this.#opened = { now: clock.now(), monotonicMs: clock.monotonicMs() };
    this.#timers = [
      clock.every(RETENTION_MS, () => this.#guard('deleting old records', () => this.#prune())),
      clock.every(ORPHANS_MS, () =>
        this.#guard('collecting unused code', () => this.#entities.collectOrphans()),
      ),
    ];
  }

  /** Everything that the main thread can ask for. */
  readonly calls: ThreadCalls = {
    'thread.recover': () => this.#recover(),
    'thread.stats': () => this.#stats(),
    'thread.checkpoint': (barrier) => this.#checkpoint(barrier),
    'thread.close': (barrier) => this.#close(barrier),
    'entities.get': (type, path, name) => this.#entities.get(type, path, name),
    'entities.typeOf': (path, name) => this.#entities.typeOf(path, name),
    'entities.put': (row, basedOn) => this.#entities.put(row, basedOn),
    'entities.delete': (key, revision) => this.#entities.delete(key, revision),
    'entities.list': (query) => this.#entities.list(query),
    'entities.count': (query) => this.#entities.count(query),
    'attachments.write': (code) => this.#entities.write(code),
    'attachments.read': (digest) => this.#entities.read(digest),
    'subjects.byKey': (hashes) => this.#subjects.byKey(hashes),
    'subjects.byNamespace': (namespace) => this.#subjects.byNamespace(namespace),
    'subjects.get': (subject) => this.#subjects.get(subject),
    'subjects.put': (subject) => this.#subjects.put(subject),
    'subjects.delete': (subject) => this.#subjects.delete(subject),
    'subjects.ofNamespace': (namespace) => this.#subjects.ofNamespace(namespace),
    'limits.get': (namespace) => this.#subjects.getLimits(namespace),
    'limits.put': (namespace, limits) => this.#subjects.putLimits(namespace, limits),
    'activations.get': ({ namespace, activationId, barrier }) =>
      this.#behind(barrier).get(namespace, activationId),
    'activations.list': (query) => this.#behind(query.barrier).list(query),
    'activations.listRecords': (query) => this.#behind(query.barrier).listRecords(query),
    'activations.count': (query) => this.#behind(query.barrier).count(query),
    'activations.pending': (before) => this.#activations.pendingBefore(before),
    'sealed.stale': (query) => this.#sealed.stale(query),
    'sealed.replace': (rows, keyId) => this.#sealed.replace(rows, keyId),
  };

  /** The journal has grown while this thread slept. */
  wake(): void {
    this.#pumpTimer ??= this.#deps.clock.after(INTAKE_MS, () => this.#pump());
  }

  #recover(): Recovery {
    const offset = this.#intake.recover();
    this.#shared.value = offset;
    this.#rest();
    return { offset, pending: this.#activations.state.pending };
  }

  #behind(barrier: number): ActivationTables {
    this.#intake.catchUp(barrier);
    return this.#activations;
  }

  /** One slice at a time, so that questions get in between. */
  #pump(): void {
    this.#pumpTimer = undefined;
    if (this.#closed || this.#pumping) return;
    const end = this.#shared.value;
    if (this.#intake.position >= end) return this.#rest();
    if (!this.#guard('filling the store', () => this.#intake.slice(end))) {
      this.#pumpTimer = this.#deps.clock.after(RETRY_MS, () => this.#pump());
      return;
    }
    this.#dropOldSegments();
    if (this.#intake.position >= end) {
      this.#pumpTimer = this.#deps.clock.after(INTAKE_MS, () => this.#pump());
      return;
    }
    this.#pumping = true;
    setImmediate(() => {
      this.#pumping = false;
      this.#pump();
    });
  }

  #rest(): void {
    this.#shared.sleep();
    // What was written just before that found nobody asleep, and would wait for the next entry.
    if (this.#shared.value > this.#intake.position && this.#shared.takeSleeper()) this.wake();
  }

  /** Once a segment has been left behind, what it held is brought to the disk and the file deleted. */
  #dropOldSegments(): void {
    if (this.#reader.base <= this.#droppedTo) return;
    this.#guard('deleting old journal segments', () => {
      if (!checkpoint(this.#activationsDb)) return;
      this.#intake.dropSegments(this.#intake.position, false);
      this.#droppedTo = this.#reader.base;
    });
  }

  #prune(): void {
    const { clock, data } = this.#deps;
    const current = { now: clock.now(), monotonicMs: clock.monotonicMs() };
    const deleted = this.#retention.slice(oldestKept(this.#opened, current, data.retention.activationAge));
    if (deleted === 0) return;
    this.#activations.refresh();
    setImmediate(() => !this.#closed && this.#guard('deleting old records', () => this.#prune()));
  }

  #stats() {
    const { records, bytes, duplicates, pending } = this.#activations.state;
    return { storedOffset: this.#intake.position, records, recordBytes: bytes, pending, duplicates };
  }

  #checkpoint(barrier: number): void {
    this.#intake.catchUp(barrier);
    if (checkpoint(this.#activationsDb)) this.#intake.dropSegments(this.#intake.position, false);
  }

  #close(barrier: number): void {
    this.#closed = true;
    this.#pumpTimer?.cancel();
    for (const timer of this.#timers) timer.cancel();
    try {
      this.#intake.catchUp(barrier);
      if (checkpoint(this.#activationsDb)) this.#intake.dropSegments(this.#intake.position, true);
    } finally {
      this.#reader.close();
      this.#activationsDb.close();
      this.#entitiesDb.close();
    }
  }

  #guard(what: string, work: () => void): boolean {
    try {
      work();
      return true;
    } catch (error) {
      this.#deps.logger.error({ err: String(error), what }, 'the store thread failed and will try again');
      return false;
    }
  }
}
