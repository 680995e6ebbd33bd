import { createHash, timingSafeEqual } from 'node:crypto';

import type { Identity, NamespaceLimits, Subject } from '@vibrissa/protocol';
import type { AuthStore } from '../auth-store.ts';

interface Owner {
  readonly subject: Subject;
  readonly namespace: Subject['namespaces'][number];
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** Keeps subjects and limits for the life of the process. */
export class MemoryAuthStore implements AuthStore {
  readonly #subjects = new Map<string, Subject>();
  readonly #limits = new Map<string, NamespaceLimits>();

  async findIdentity(uuid: string, key: string): Promise<Identity | undefined> {
    const owner = this.#find((namespace) => namespace.uuid === uuid);
    // Digests have one length, so that the comparison takes the same time for every wrong key.
    const right = timingSafeEqual(sha256(owner?.namespace.key ?? ''), sha256(key));
    return owner !== undefined && right ? this.#identity(owner) : undefined;
  }

  async identityOf(namespace: string): Promise<Identity | undefined> {
    const owner = this.#find(({ name }) => name === namespace);
    return owner && this.#identity(owner);
  }

  async getSubject(subject: string): Promise<Subject | undefined> {
    return this.#subjects.get(subject);
  }

  async putSubject(subject: Subject): Promise<void> {
    this.#subjects.set(subject.subject, structuredClone(subject));
  }

  async deleteSubject(subject: string): Promise<boolean> {
    return this.#subjects.delete(subject);
  }

  async subjectsOf(namespace: string): Promise<readonly Subject[]> {
    return [...this.#subjects.values()].filter(({ namespaces }) =>
      namespaces.some(({ name }) => name === namespace),
    );
  }

  async getLimits(namespace: string): Promise<NamespaceLimits | undefined> {
    return this.#limits.get(namespace);
  }

  async putLimits(namespace: string, limits: NamespaceLimits | undefined): Promise<void> {
    if (limits === undefined) this.#limits.delete(namespace);
    else this.#limits.set(namespace, structuredClone(limits));
  }

  #find(wanted: (namespace: Subject['namespaces'][number]) => boolean): Owner | undefined {
    for (const subject of this.#subjects.values()) {
      const namespace = subject.blocked ? undefined : subject.namespaces.find(wanted);
      if (namespace !== undefined) return { subject, namespace };
    }
    return undefined;
  }

  #identity({ subject, namespace }: Owner): Identity {
    return {
      subject: subject.subject,
      namespace: { name: namespace.name, uuid: namespace.uuid },
      authkey: `${namespace.uuid}:${namespace.key}`,
      rights: ['READ', 'PUT', 'DELETE', 'ACTIVATE'],
      limits: this.#limits.get(namespace.name) ?? {},
    };
  }
}
