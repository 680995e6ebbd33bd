import type { NamespaceLimits } from '@vibrissa/protocol';

import type {
  ActivationQuery,
  ActivationSummary,
  RecordsQuery,
  StoredActivation,
} from '../../activation-store.ts';
import type { EntityQuery, EntityType } from '../../artifact-store.ts';
import type { PendingIntent } from '../journal/file-activation-journal.ts';

/** An entity as it lies on the disk: `json` without its parameters, which are sealed. */
export interface EntityRow {
  readonly entityType: EntityType;
  readonly path: string;
  readonly name: string;
  readonly updated: number;
  readonly digest: string | null;
  readonly json: string;
  readonly sealed: Uint8Array | null;
  readonly keyId: string | null;
}

/** What is read of an entity. */
export interface StoredEntityRow {
  readonly path: string;
  readonly name: string;
  readonly revision: string;
  readonly json: string;
  readonly sealed: Uint8Array | null;
}

/** One namespace of a subject with its sealed key. */
export interface SubjectKeyRow {
  readonly subject: string;
  readonly blocked: boolean;
  readonly namespace: string;
  readonly uuid: string;
  readonly sealed: Uint8Array;
}

/** A subject to be written. */
export interface SubjectWrite {
  readonly subject: string;
  readonly blocked: boolean;
  readonly keyId: string;
  readonly namespaces: readonly {
    readonly name: string;
    readonly uuid: string;
    readonly hash: Uint8Array;
    readonly sealed: Uint8Array;
  }[];
}

/** A subject as it is read, with its keys in order. */
export interface SubjectRow {
  readonly subject: string;
  readonly blocked: boolean;
  readonly namespaces: readonly {
    readonly name: string;
    readonly uuid: string;
    readonly sealed: Uint8Array;
  }[];
}

/** A key with the limits of its namespace. */
export interface IdentityRow extends SubjectKeyRow {
  readonly limits: NamespaceLimits | undefined;
}

/** Something that was sealed with another key than the newest. */
export interface SealedRow {
  readonly table: SealedTable;
  readonly rowid: number;
  readonly context: string;
  readonly sealed: Uint8Array;
  /** Of a subject's key. */
  readonly uuid: string | undefined;
}

export type SealedTable = 'entities' | 'subject_keys' | 'pending';

/** Rows of each table up to these have been seen. */
export type SealedCursor = { readonly [table in SealedTable]: number };

/** Which sealed rows are looked for: at most `limit` of each table that another key than this has sealed. */
export interface StaleQuery {
  readonly keyId: string;
  readonly after: SealedCursor;
  readonly limit: number;
}

/** The same, sealed anew; `hash` for a key. */
export interface ResealedRow extends SealedRow {
  readonly resealed: Uint8Array;
  readonly hash: Uint8Array | undefined;
}

/** What the thread found when it opened the files. */
export interface Recovery {
  /** The journal's offset at which new entries start. */
  readonly offset: number;
  readonly pending: number;
}

/** What the thread has done. */
export interface ThreadStats {
  /** The journal's offset up to which the store is filled. */
  readonly storedOffset: number;
  readonly records: number;
  readonly recordBytes: number;
  readonly pending: number;
  readonly duplicates: number;
}

/** A question about activations, answered when the store is filled up to `barrier`. */
export type Behind<T> = T & { readonly barrier: number };

/** What the store thread can be asked; each runs to its end before the next one starts. */
export interface ThreadCalls {
  'thread.recover'(): Recovery;
  'thread.stats'(): ThreadStats;
  /** Fills the store up to there and brings it to the disk; what the journal held is then deleted. */
  'thread.checkpoint'(barrier: number): void;
  'thread.close'(barrier: number): void;

  'entities.get'(type: EntityType, path: string, name: string): StoredEntityRow | undefined;
  'entities.typeOf'(path: string, name: string): EntityType | undefined;
  /** The new revision; undefined: conflict. */
  'entities.put'(row: EntityRow, basedOn: string | undefined): string | undefined;
  'entities.delete'(key: { type: EntityType; path: string; name: string }, revision: string): boolean;
  'entities.list'(query: EntityQuery): StoredEntityRow[];
  'entities.count'(query: EntityQuery): number;

  'attachments.write'(code: string): string;
  'attachments.read'(digest: string): string | undefined;

  'subjects.byKey'(hashes: readonly Uint8Array[]): IdentityRow | undefined;
  'subjects.byNamespace'(namespace: string): IdentityRow | undefined;
  'subjects.get'(subject: string): SubjectRow | undefined;
  'subjects.put'(subject: SubjectWrite): void;
  'subjects.delete'(subject: string): boolean;
  'subjects.ofNamespace'(namespace: string): SubjectRow[];
  'limits.get'(namespace: string): NamespaceLimits | undefined;
  'limits.put'(namespace: string, limits: NamespaceLimits | undefined): void;

  'activations.get'(key: Behind<{ namespace: string; activationId: string }>): StoredActivation | undefined;
  'activations.list'(query: Behind<ActivationQuery>): ActivationSummary[];
  'activations.listRecords'(query: Behind<RecordsQuery>): StoredActivation[] | 'too-large';
  'activations.count'(query: Behind<Omit<ActivationQuery, 'limit'>>): number;
  /** Intents that stood in the journal before that offset. */
  'activations.pending'(before: number): PendingIntent[];

  'sealed.stale'(query: StaleQuery): SealedRow[];
  'sealed.replace'(rows: readonly ResealedRow[], keyId: string): void;
}

export type CallName = keyof ThreadCalls;

/** Main thread to store thread. */
export interface Request {
  readonly id: number;
  readonly name: CallName;
  readonly args: readonly unknown[];
}

/** Store thread to main thread. */
export type FromThread =
  | { readonly type: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly type: 'error'; readonly id: number; readonly error: unknown }
  | {
      readonly type: 'log';
      readonly level: 'info' | 'warn' | 'error';
      readonly fields: object;
      readonly message: string;
    };

/** What the thread is started with. */
export interface ThreadData {
  readonly directory: string;
  readonly journalDirectory: string;
  readonly shared: SharedArrayBuffer;
  readonly retention: { readonly activationAge: number; readonly activationSize: number };
}
