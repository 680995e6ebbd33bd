/**
 * Subjects, their namespaces and keys, and the limits of each namespace.
 *
 * The store holds no usable key: a key is found by the hash of `uuid:key`, and its value lies encrypted beside
 * it, because `provide-api-key` hands it to actions. A change is visible to `findIdentity` as soon as its
 * promise resolves (revocation within a second holds by construction).
 */
import type { Identity, NamespaceLimits, Subject } from '@vibrissa/protocol';

export interface AuthStore {
  /** Who has this key; undefined for an unknown, wrong or blocked one. Compares in constant time. Idempotent. */
  findIdentity(uuid: string, key: string): Promise<Identity | undefined>;
  /** The identity of a namespace, whoever owns it. Idempotent. */
  identityOf(namespace: string): Promise<Identity | undefined>;
  getSubject(subject: string): Promise<Subject | undefined>;
  /** Creates or replaces the subject with exactly these namespaces and keys. */
  putSubject(subject: Subject): Promise<void>;
  deleteSubject(subject: string): Promise<boolean>;
  /** Subjects that own the namespace, oldest first. */
  subjectsOf(namespace: string): Promise<readonly Subject[]>;
  getLimits(namespace: string): Promise<NamespaceLimits | undefined>;
  /** Replaces; undefined removes. */
  putLimits(namespace: string, limits: NamespaceLimits | undefined): Promise<void>;
}
