import type { Identity } from '@vibrissa/protocol';
import { LRUCache } from 'lru-cache';
import { timingSafeEqual } from 'node:crypto';
import type { Clock } from '../../base/clock.ts';
import type { Counter, Metrics } from '../../base/metrics.ts';
import type { AuthStore } from '../../store/auth-store.ts';
import { NamespaceIdentities } from './namespace-identities.ts';
import { parseBasicCredentials, type Credentials } from './basic-credentials.ts';

interface AuthenticatorDeps {
  readonly auth: Pick<AuthStore, 'findIdentity' | 'identityOf'>;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly maxIdentities?: number;
}

/** Someone who showed the right key not long ago. */
interface Known {
  readonly key: Buffer;
  readonly identity: Identity;
  readonly checkedMs: number;
  refreshing: boolean;
}

/** After this the store is asked again, behind the back of the request. */
const REFRESH_AFTER_MS = 400;

/** After this the request waits for the store's word: a revoked key is refused within a second wherever that happened. */
const TRUST_MS = 1000;

const MAX_IDENTITIES = 100_000;

/** Keys have one length, which {@link parseBasicCredentials} checks: their comparison tells nothing by its time. */
function isSameKey(known: Buffer, shown: Buffer): boolean {
  return known.length === shown.length && timingSafeEqual(known, shown);
}

/**
 * Tells who calls. Who was here within a second is known without asking the store; the comparison takes the same time for
 * any key.
 */
export class Authenticator {
  readonly #auth: Pick<AuthStore, 'findIdentity'>;
  readonly #clock: Clock;
  readonly #namespaces: NamespaceIdentities;
  readonly #known: LRUCache<string, Known>;
  readonly #found: Counter;
  readonly #unknown: Counter;
  /** Counts invalidations: what was read before one is not kept. */
  #epoch = 0;

  private constructor(deps: AuthenticatorDeps) {
    this.#auth = deps.auth;
    this.#clock = deps.clock;
    this.#namespaces = NamespaceIdentities.open(deps);
    this.#known = new LRUCache({ max: deps.maxIdentities ?? MAX_IDENTITIES });
    this.#found = deps.metrics.counter('counter_controller_authentication_total', 'found');
    this.#unknown = deps.metrics.counter('counter_controller_authentication_total', 'unknown');
  }

  static open(deps: AuthenticatorDeps): Authenticator {
    return new Authenticator(deps);
  }

  /** `missing`: no Basic credentials. `invalid`: malformed, unknown, wrong or blocked. Failures of the store are thrown. */
  authenticate(
    authorizationHeader: string | undefined,
  ): Identity | 'missing' | 'invalid' | Promise<Identity | 'missing' | 'invalid'> {
    const credentials = parseBasicCredentials(authorizationHeader);
    if (typeof credentials === 'string') return credentials;
    const key = Buffer.from(credentials.key, 'latin1');
    const known = this.#known.get(credentials.uuid);
    if (!known || !isSameKey(known.key, key)) return this.#look(credentials, key);
    const ageMs = this.#clock.monotonicMs() - known.checkedMs;
    if (ageMs >= TRUST_MS) return this.#look(credentials, key);
    if (ageMs >= REFRESH_AFTER_MS && !known.refreshing) {
      known.refreshing = true;
      // The store's failure shows when a request has to wait for it.
      this.#look(credentials, key).catch(() => (known.refreshing = false));
    }
    return known.identity;
  }

  /** The identity of a namespace, for what runs there without its key. Undefined: nobody has it, or who has is blocked. */
  identityOf(namespace: string): Identity | undefined | Promise<Identity | undefined> {
    return this.#namespaces.find(namespace);
  }

  /** To be called when subjects, keys or limits changed: the next request of each asks the store. */
  invalidate(): void {
    this.#epoch += 1;
    this.#known.clear();
    this.#namespaces.invalidate();
  }

  async #look(credentials: Credentials, key: Buffer): Promise<Identity | 'invalid'> {
    const epoch = this.#epoch;
    const checkedMs = this.#clock.monotonicMs();
    const identity = await this.#auth.findIdentity(credentials.uuid, credentials.key);
    if (epoch === this.#epoch) this.#learn(credentials.uuid, { key, identity, checkedMs });
    if (identity) this.#found.add();
    else this.#unknown.add();
    return identity ?? 'invalid';
  }

  /** A wrong key must not drive out who has the right one; a right key that is refused now must go. */
  #learn(uuid: string, word: { key: Buffer; identity: Identity | undefined; checkedMs: number }): void {
    const { key, identity, checkedMs } = word;
    if (identity) {
      this.#known.set(uuid, { key, identity, checkedMs, refreshing: false });
      return;
    }
    const known = this.#known.get(uuid);
    if (known && isSameKey(known.key, key)) this.#known.delete(uuid);
  }
}
