import type { Identity } from '@vibrissa/protocol';
import { LRUCache } from 'lru-cache';
import type { Clock } from '../../base/clock.ts';
import type { AuthStore } from '../../store/auth-store.ts';

interface NamespaceIdentitiesDeps {
  readonly auth: Pick<AuthStore, 'identityOf'>;
  readonly clock: Clock;
}

interface Known {
  readonly identity: Identity;
  readonly readMs: number;
}

/** After this the store is asked again: who was blocked elsewhere is refused within a second. */
const TRUST_MS = 500;

const MAX_NAMESPACES = 10_000;

/** Who owns a namespace, for what runs there without its key: web actions above all. */
export class NamespaceIdentities {
  readonly #deps: NamespaceIdentitiesDeps;
  readonly #known = new LRUCache<string, Known>({ max: MAX_NAMESPACES });
  readonly #reads = new Map<string, Promise<Identity | undefined>>();

  private constructor(deps: NamespaceIdentitiesDeps) {
    this.#deps = deps;
  }

  static open(deps: NamespaceIdentitiesDeps): NamespaceIdentities {
    return new NamespaceIdentities(deps);
  }

  /** Undefined for a namespace that nobody has, or whose owner is blocked. Failures of the store are thrown. */
  find(namespace: string): Identity | undefined | Promise<Identity | undefined> {
    const known = this.#known.get(namespace);
    if (known && this.#deps.clock.monotonicMs() - known.readMs < TRUST_MS) return known.identity;
    return this.#reads.get(namespace) ?? this.#read(namespace);
  }

  /** To be called when subjects, keys or limits changed. */
  invalidate(): void {
    this.#known.clear();
    this.#reads.clear();
  }

  #read(namespace: string): Promise<Identity | undefined> {
    const readMs = this.#deps.clock.monotonicMs();
    const read: Promise<Identity | undefined> = this.#deps.auth
      .identityOf(namespace)
      .then((identity) => {
        // What was read before a change is not kept after it.
        if (this.#reads.get(namespace) === read) {
          if (identity) this.#known.set(namespace, { identity, readMs });
          else this.#known.delete(namespace);
        }
        return identity;
      })
      .finally(() => {
        if (this.#reads.get(namespace) === read) this.#reads.delete(namespace);
      });
    this.#reads.set(namespace, read);
    return read;
  }
}
