import type { NamespaceLimits } from '@vibrissa/protocol';

import { rowOf, rowsOf, transact, type Connection } from '../database.ts';
import type { IdentityRow, SubjectKeyRow, SubjectRow, SubjectWrite } from './calls.ts';

interface KeyColumns {
  readonly subject: string;
  readonly blocked: number;
  readonly namespace: string;
  readonly uuid: string;
  readonly sealed: Uint8Array;
}

const KEYS = `SELECT k.subject, s.blocked, k.namespace, k.uuid, k.sealed
  FROM subject_keys k JOIN subjects s ON s.subject = k.subject`;

function toKey({ subject, blocked, namespace, uuid, sealed }: KeyColumns): SubjectKeyRow {
  return { subject, blocked: blocked !== 0, namespace, uuid, sealed };
}

/** Subjects, their keys and the limits of namespaces, in `entities.db`. */
export class SubjectTables {
  readonly #connection: Connection;
  readonly #statements;

  constructor(connection: Connection) {
    this.#connection = connection;
    this.#statements = {
      byHash: connection.prepare(`${KEYS} WHERE k.hash = ? AND s.blocked = 0`),
      byNamespace: connection.prepare(
        `${KEYS} WHERE k.namespace = ? AND s.blocked = 0 ORDER BY s.seq, k.seq LIMIT 1`,
      ),
      subject: connection.prepare('SELECT subject, blocked FROM subjects WHERE subject = ?'),
      keys: connection.prepare(`${KEYS} WHERE k.subject = ? ORDER BY k.seq`),
      owners: connection.prepare(
        `SELECT DISTINCT s.seq, s.subject FROM subject_keys k JOIN subjects s ON s.subject = k.subject
         WHERE k.namespace = ? ORDER BY s.seq`,
      ),
      putSubject: connection.prepare(
        `INSERT INTO subjects (subject, blocked) VALUES (?, ?)
         ON CONFLICT (subject) DO UPDATE SET blocked = excluded.blocked`,
      ),
      putKey: connection.prepare(
        'INSERT INTO subject_keys (subject, namespace, uuid, hash, sealed, key_id) VALUES (?, ?, ?, ?, ?, ?)',
      ),
      deleteKeys: connection.prepare('DELETE FROM subject_keys WHERE subject = ?'),
      deleteSubject: connection.prepare('DELETE FROM subjects WHERE subject = ?'),
      getLimits: connection.prepare('SELECT json FROM limits WHERE namespace = ?'),
      putLimits: connection.prepare(
        `INSERT INTO limits (namespace, json) VALUES (?, ?)
         ON CONFLICT (namespace) DO UPDATE SET json = excluded.json`,
      ),
      deleteLimits: connection.prepare('DELETE FROM limits WHERE namespace = ?'),
    };
  }

  byKey(hashes: readonly Uint8Array[]): IdentityRow | undefined {
    for (const hash of hashes) {
      const row = rowOf<KeyColumns>(this.#statements.byHash, [hash]);
      if (row) return this.#identity(row);
    }
    return undefined;
  }

  byNamespace(namespace: string): IdentityRow | undefined {
    const row = rowOf<KeyColumns>(this.#statements.byNamespace, [namespace]);
    return row && this.#identity(row);
  }

  get(subject: string): SubjectRow | undefined {
    const found = rowOf<{ blocked: number }>(this.#statements.subject, [subject]);
    if (!found) return undefined;
    const keys = rowsOf<KeyColumns>(this.#statements.keys, [subject]);
    const namespaces = keys.map(({ namespace, uuid, sealed }) => ({ name: namespace, uuid, sealed }));
    return { subject, blocked: found.blocked !== 0, namespaces };
  }

  put({ subject, blocked, keyId, namespaces }: SubjectWrite): void {
    transact(this.#connection, () => {
      this.#statements.putSubject.run([subject, blocked ? 1 : 0]);
      this.#statements.deleteKeys.run([subject]);
      for (const { name, uuid, hash, sealed } of namespaces) {
        this.#statements.putKey.run([subject, name, uuid, hash, sealed, keyId]);
      }
    });
  }

  delete(subject: string): boolean {
    return transact(this.#connection, () => {
      this.#statements.deleteKeys.run([subject]);
      return this.#statements.deleteSubject.run([subject]).changes === 1;
    });
  }

  ofNamespace(namespace: string): SubjectRow[] {
    const owners = rowsOf<{ subject: string }>(this.#statements.owners, [namespace]);
    return owners.map(({ subject }) => this.get(subject)!);
  }

  getLimits(namespace: string): NamespaceLimits | undefined {
    const row = rowOf<{ json: string }>(this.#statements.getLimits, [namespace]);
    return row && (JSON.parse(row.json) as NamespaceLimits);
  }

  putLimits(namespace: string, limits: NamespaceLimits | undefined): void {
    if (limits === undefined) this.#statements.deleteLimits.run([namespace]);
    else this.#statements.putLimits.run([namespace, JSON.stringify(limits)]);
  }

  #identity(row: KeyColumns): IdentityRow {
    return { ...toKey(row), limits: this.getLimits(row.namespace) };
  }
}
