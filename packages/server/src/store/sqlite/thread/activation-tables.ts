import type { StatusCode } from '@vibrissa/protocol';

import type {
  ActivationQuery,
  ActivationSummary,
  RecordsQuery,
  StoredActivation,
} from '../../activation-store.ts';
import { keyIdOf } from '../../crypto/sealer.ts';
import { rowOf, rowsOf, transact, type Connection, type Parameter } from '../database.ts';
import type { FinishedParts } from '../journal/entries.ts';
import type { PendingIntent } from '../journal/file-activation-journal.ts';
import { slotKey, type JournalFold, type Slot } from './journal-fold.ts';

/** What a row costs beside its texts, roughly: indexes and numbers. */
const ROW_BYTES = 200;

interface RecordColumns {
  readonly id: Buffer;
  readonly status: StatusCode;
  readonly head: string;
  readonly body: string;
  readonly logs: string | null;
}

interface State {
  readonly position: number;
  readonly records: number;
  readonly bytes: number;
  readonly duplicates: number;
}

function idBytes(activationId: string): Buffer | undefined {
  return /^[0-9a-f]{32}$/.test(activationId) ? Buffer.from(activationId, 'hex') : undefined;
}

function toStored({ id, status, head, body, logs }: RecordColumns): StoredActivation {
  return {
    activationId: id.toString('hex'),
    statusCode: status,
    recordJson: `${head}${body}${logs ?? '[]'}}`,
  };
}

/** The condition of a query, and its parameters. */
function conditionOf(query: Omit<ActivationQuery, 'limit'>): [string, Parameter[]] {
  const parts: [string, string | number | undefined][] = [
    ['namespace = ?', query.namespace],
    ['name = ?', query.name],
    ['start >= ?', query.since],
    ['start <= ?', query.upto],
  ];
  const given = parts.filter((part): part is [string, string | number] => part[1] !== undefined);
  return [given.map(([condition]) => condition).join(' AND '), given.map(([, parameter]) => parameter)];
}

function prepareAll(connection: Connection) {
  return {
    insert: connection.prepare(
      `INSERT INTO activations (id, namespace, name, start, status, bytes, head, body, logs)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
    ),
    putLogs: connection.prepare(
      'UPDATE activations SET logs = ?, bytes = bytes + ? WHERE id = ? AND logs IS NULL',
    ),
    addPending: connection.prepare(
      `INSERT INTO pending (id, offset, started, json, sealed, key_id)
       SELECT ?, ?, ?, ?, ?, ? WHERE NOT EXISTS (SELECT 1 FROM activations WHERE id = ?) ON CONFLICT DO NOTHING`,
    ),
    markStarted: connection.prepare('UPDATE pending SET started = 1 WHERE id = ?'),
    deletePending: connection.prepare('DELETE FROM pending WHERE id = ?'),
    putState: connection.prepare(
      'UPDATE state SET position = ?, records = records + ?, bytes = bytes + ?, duplicates = duplicates + ?',
    ),
    get: connection.prepare(
      'SELECT id, status, head, body, logs FROM activations WHERE id = ? AND namespace = ?',
    ),
    pending: connection.prepare(
      'SELECT started, json, sealed FROM pending WHERE offset < ? ORDER BY offset, seq',
    ),
  };
}

interface Change {
  readonly state: { records: number; bytes: number; duplicates: number };
  readonly added: string[];
  readonly removed: string[];
}

/** Finished and pending activations, in `activations.db`. */
export class ActivationTables {
  readonly #connection: Connection;
  readonly #statements;
  /** Keys of the rows of `pending`, so that the many activations without one cost no look-up. */
  readonly #pending: Set<string>;
  #state: State;

  constructor(connection: Connection) {
    this.#connection = connection;
    this.#statements = prepareAll(connection);
    const rows = rowsOf<{ id: Buffer }>(connection.prepare('SELECT id FROM pending'), []);
    this.#pending = new Set(rows.map(({ id }) => slotKey(id)));
    this.#state = this.#readState();
  }

  get state(): State & { readonly pending: number } {
    return { ...this.#state, pending: this.#pending.size };
  }

  /** Takes over a stretch of the journal that ends at `position`, all of it or nothing. */
  apply(fold: JournalFold, position: number): void {
    const change: Change = {
      state: { records: 0, bytes: 0, duplicates: fold.duplicates },
      added: [],
      removed: [],
    };
    transact(this.#connection, () => {
      for (const [key, slot] of fold.slots) this.#applySlot(key, slot, change);
      const { records, bytes, duplicates } = change.state;
      this.#statements.putState.run([position, records, bytes, duplicates]);
    });
    for (const key of change.added) this.#pending.add(key);
    for (const key of change.removed) this.#pending.delete(key);
    this.#state = this.#readState();
  }

  get(namespace: string, activationId: string): StoredActivation | undefined {
    const id = idBytes(activationId);
    const row = id && rowOf<RecordColumns>(this.#statements.get, [id, namespace]);
    return row && toStored(row);
  }

  list(query: ActivationQuery): ActivationSummary[] {
    const rows = this.#select<Omit<RecordColumns, 'body' | 'logs'>>('id, status, head', query);
    return rows.map(({ id, status, head }) => ({
      activationId: id.toString('hex'),
      summaryJson: `${head},"statusCode":${status}}`,
    }));
  }

  listRecords(query: RecordsQuery): StoredActivation[] | 'too-large' {
    const sizes = this.#select<{ bytes: number }>('bytes', query);
    const chars = sizes.reduce((sum, { bytes }) => sum + bytes, 0);
    if (sizes.length > 1 && chars > query.maxChars) return 'too-large';
    return this.#select<RecordColumns>('id, status, head, body, logs', query).map(toStored);
  }

  count(query: Omit<ActivationQuery, 'limit'>): number {
    const [condition, parameters] = conditionOf(query);
    const statement = this.#connection.prepare(`SELECT count(*) AS n FROM activations WHERE ${condition}`);
    const { n } = rowOf<{ n: number }>(statement, parameters)!;
    return Math.max(0, n - query.skip);
  }

  pendingBefore(offset: number): PendingIntent[] {
    const rows = rowsOf<{
      started: number;
      json: string;
      sealed: Uint8Array | null;
    }>(this.#statements.pending, [offset]);
    return rows.map(({ started, json, sealed }) => ({
      started: started !== 0,
      json,
      sealed: sealed ?? undefined,
    }));
  }

  /** Reads the counters again, after something else has changed them. */
  refresh(): void {
    this.#state = this.#readState();
  }

  #applySlot(key: string, slot: Slot, change: Change): void {
    if (slot.finished) this.#insert(slot, slot.finished, change);
    else if (slot.logsJson !== undefined) this.#addLogs(slot, slot.logsJson, change);
    if (slot.finished || slot.discarded) {
      if (!this.#pending.has(key)) return;
      this.#statements.deletePending.run([slot.id]);
      change.removed.push(key);
    } else if (slot.intent && !this.#pending.has(key)) {
      this.#addPending(key, slot, change);
    } else if (slot.started && this.#pending.has(key)) {
      this.#statements.markStarted.run([slot.id]);
    }
  }

  #insert(slot: Slot, finished: FinishedParts, { state }: Change): void {
    const { namespace, name, start, statusCode, head, body } = finished;
    const logs = finished.logsJson ?? slot.logsJson ?? null;
    const bytes = ROW_BYTES + head.length + body.length + (logs?.length ?? 0);
    const { changes } = this.#statements.insert.run([
      slot.id,
      namespace,
      name,
      start,
      statusCode,
      bytes,
      head,
      body,
      logs,
    ]);
    if (changes === 1) {
      state.records += 1;
      state.bytes += bytes;
    } else {
      state.duplicates += 1;
    }
  }

  #addLogs(slot: Slot, logsJson: string, { state }: Change): void {
    const { changes } = this.#statements.putLogs.run([logsJson, logsJson.length, slot.id]);
    if (changes === 1) state.bytes += logsJson.length;
  }

  #addPending(key: string, slot: Slot, change: Change): void {
    const { json, sealed } = slot.intent!;
    const keyId = sealed ? keyIdOf(sealed) : null;
    const { changes } = this.#statements.addPending.run([
      slot.id,
      slot.offset,
      slot.started ? 1 : 0,
      json,
      sealed ?? null,
      keyId,
      slot.id,
    ]);
    if (changes === 1) change.added.push(key);
  }

  #select<Row extends object>(columns: string, query: ActivationQuery): Row[] {
    const [condition, parameters] = conditionOf(query);
    const statement = this.#connection.prepare(
      `SELECT ${columns} FROM activations WHERE ${condition} ORDER BY start DESC, seq DESC LIMIT ? OFFSET ?`,
    );
    return rowsOf<Row>(statement, [...parameters, query.limit, query.skip]);
  }

  #readState(): State {
    const statement = this.#connection.prepare('SELECT position, records, bytes, duplicates FROM state');
    return rowOf<State>(statement, [])!;
  }
}
