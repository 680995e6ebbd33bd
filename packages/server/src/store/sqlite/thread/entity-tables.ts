import { createHash } from 'node:crypto';

import type { EntityQuery, EntityType } from '../../artifact-store.ts';
import { rowOf, rowsOf, transact, type Connection } from '../database.ts';
import type { EntityRow, StoredEntityRow } from './calls.ts';

/** An attachment is deleted after it was found without an entity this many times in a row. */
const ORPHAN_PASSES = 6;

const COLUMNS = 'path, name, revision, json, sealed';

function rootOf(path: string): string {
  const slash = path.indexOf('/');
  return slash === -1 ? path : path.slice(0, slash);
}

/** The condition of a query, and its parameters; both places have an index that ends in the order of a list. */
function conditionOf(query: EntityQuery): [string, string[]] {
  let condition = query.package === undefined ? 'root = ? AND type = ?' : 'path = ? AND type = ?';
  const place = query.package === undefined ? query.namespace : `${query.namespace}/${query.package}`;
  const parameters = [place, query.entityType];
  if (query.publicOnly) condition += " AND json ->> '$.publish' AND json ->> '$.binding' IS NULL";
  if (query.namePrefix !== undefined) {
    condition += ' AND substr(name, 1, length(?)) = ?';
    parameters.push(query.namePrefix, query.namePrefix);
  }
  return [condition, parameters];
}

/** The first text behind all those that begin with `prefix`, which ends in a letter of ASCII. */
function behind(prefix: string): string {
  return prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1);
}

/**
 * The condition for counting: documents lie in no package, so that their names' index leads to those with a prefix. It is not
 * for lists, whose order it would have to make anew for each page. The `+` keeps the index of types out of it.
 */
function countConditionOf(query: EntityQuery): [string, string[]] {
  const { entityType, namePrefix, namespace } = query;
  if (entityType !== 'document' || namePrefix === undefined || namePrefix === '') return conditionOf(query);
  const condition = 'path = ? AND +type = ? AND name >= ? AND name < ?';
  return [condition, [namespace, entityType, namePrefix, behind(namePrefix)]];
}

function toStored(row: StoredEntityRow): StoredEntityRow {
  const { path, name, revision, json, sealed } = row;
  return { path, name, revision: String(revision), json, sealed };
}

/** Entities and the code that they refer to, in `entities.db`. */
export class EntityTables {
  readonly #connection: Connection;
  readonly #statements;

  constructor(connection: Connection) {
    this.#connection = connection;
    this.#statements = {
      get: connection.prepare(`SELECT ${COLUMNS} FROM entities WHERE path = ? AND name = ? AND type = ?`),
      typeOf: connection.prepare('SELECT type FROM entities WHERE path = ? AND name = ?'),
      nextRevision: connection.prepare('UPDATE revision SET last = last + 1 RETURNING last'),
      insert: connection.prepare(
        `INSERT INTO entities (path, name, type, root, updated, revision, digest, json, sealed, key_id)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
      ),
      update: connection.prepare(
        `UPDATE entities SET updated = ?, revision = ?, digest = ?, json = ?, sealed = ?, key_id = ?
         WHERE path = ? AND name = ? AND type = ? AND revision = ?`,
      ),
      delete: connection.prepare(
        'DELETE FROM entities WHERE path = ? AND name = ? AND type = ? AND revision = ?',
      ),
      write: connection.prepare(
        `INSERT INTO attachments (digest, orphaned, code) VALUES (?, 0, ?)
         ON CONFLICT (digest) DO UPDATE SET orphaned = 0`,
      ),
      read: connection.prepare('SELECT code FROM attachments WHERE digest = ?'),
    };
  }

  get(type: EntityType, path: string, name: string): StoredEntityRow | undefined {
    const row = rowOf<StoredEntityRow>(this.#statements.get, [path, name, type]);
    return row && toStored(row);
  }

  typeOf(path: string, name: string): EntityType | undefined {
    return rowOf<{ type: EntityType }>(this.#statements.typeOf, [path, name])?.type;
  }

  put(row: EntityRow, basedOn: string | undefined): string | undefined {
    return transact(this.#connection, () => {
      const { last } = rowOf<{ last: number }>(this.#statements.nextRevision, [])!;
      const { entityType: type, path, name, updated, digest, json, sealed, keyId } = row;
      const { changes } =
        basedOn === undefined
          ? this.#statements.insert.run([
              path,
              name,
              type,
              rootOf(path),
              updated,
              last,
              digest,
              json,
              sealed,
              keyId,
            ])
          : this.#statements.update.run([
              updated,
              last,
              digest,
              json,
              sealed,
              keyId,
              path,
              name,
              type,
              Number(basedOn),
            ]);
      return changes === 1 ? String(last) : undefined;
    });
  }

  delete({ type, path, name }: { type: EntityType; path: string; name: string }, revision: string): boolean {
    return this.#statements.delete.run([path, name, type, Number(revision)]).changes === 1;
  }

  list(query: EntityQuery): StoredEntityRow[] {
    const [condition, parameters] = conditionOf(query);
    const statement = this.#connection.prepare(
      `SELECT ${COLUMNS} FROM entities WHERE ${condition}
         ORDER BY updated DESC, revision DESC LIMIT ? OFFSET ?`,
    );
    const rows = rowsOf<StoredEntityRow>(statement, [...parameters, query.limit, query.skip]);
    return rows.map(toStored);
  }

  count(query: EntityQuery): number {
    const [condition, parameters] = countConditionOf(query);
    const statement = this.#connection.prepare(`SELECT count(*) AS n FROM entities WHERE ${condition}`);
    const { n } = rowOf<{ n: number }>(statement, parameters)!;
    return Math.max(0, n - query.skip);
  }

  write(code: string): string {
    const digest = createHash('sha256').update(code).digest('hex');
    this.#statements.write.run([digest, code]);
    return digest;
  }

  read(digest: string): string | undefined {
    return rowOf<{ code: string }>(this.#statements.read, [digest])?.code;
  }

  /**
   * Counts for how many passes each attachment has been without an entity, and deletes those that were for long
   * enough: an action may be about to be written, or an activation about to run its former code. Passes are
   * counted, not hours, so that a wrong clock deletes nothing. Returns how many were deleted.
   */
  collectOrphans(passes = ORPHAN_PASSES): number {
    return transact(this.#connection, () => {
      this.#connection.exec(
        `UPDATE attachments SET orphaned = 0 WHERE orphaned > 0
           AND EXISTS (SELECT 1 FROM entities WHERE entities.digest = attachments.digest);
         UPDATE attachments SET orphaned = orphaned + 1
           WHERE NOT EXISTS (SELECT 1 FROM entities WHERE entities.digest = attachments.digest);`,
      );
      return this.#connection.prepare('DELETE FROM attachments WHERE orphaned >= ?').run([passes]).changes;
    });
  }
}
