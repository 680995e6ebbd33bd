import {
  effectiveLimits,
  errorTexts,
  type Identity,
  type NamespaceLimits,
  type Privilege,
  type SystemLimits,
} from '@vibrissa/protocol';
import type { Clock } from '../../base/clock.ts';
import type { Counter, Metrics } from '../../base/metrics.ts';
import type { UserEvents } from '../../observability/user-events.ts';
import type { PackageCache } from '../packages/package-cache.ts';
import { isReadable, type PackageView } from '../packages/package-view.ts';
import { checkConcurrency } from './concurrency-limit.ts';
import { allowed, mayUse, refused, resourceName, type Entitlement, type Resource } from './entitlement.ts';
import { RateLimit } from './rate-limit.ts';

export type { Entitlement, Resource } from './entitlement.ts';

export type EffectiveLimits = SystemLimits;

/** The package that a resource is, or lies in. */
function packageOf(resource: Resource): string | undefined {
  return resource.package ?? (resource.collection === 'packages' ? resource.name : undefined);
}

/** Writing a package itself asks for nothing but its namespace. */
function needsPackage(privilege: Privilege, resource: Resource): boolean {
  return resource.package !== undefined || privilege === 'READ';
}

function forbidden(resource: Resource): Entitlement {
  return refused(403, errorTexts.notAuthorized([resourceName(resource)]));
}

/** What lies in a package may be read and invoked by who may read the package, and written by its owner. */
function mayUsePackage(
  caller: string,
  { privilege, resource }: { readonly privilege: Privilege; readonly resource: Resource },
  view: PackageView,
): Entitlement {
  const isOwner = caller === resource.namespace;
  if (privilege === 'PUT' || privilege === 'DELETE') return isOwner ? allowed : forbidden(resource);
  const { binding } = view.entity;
  if (isOwner && binding?.namespace === caller && view.provider === undefined) {
    return refused(404, errorTexts.packageNotFound(`${binding.namespace}/${binding.name}`));
  }
  return isReadable(view, caller) ? allowed : forbidden(resource);
}

interface EntitlementsDeps {
  readonly limits: SystemLimits;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly events: Pick<UserEvents, 'limited'>;
  readonly packages: Pick<PackageCache, 'get' | 'isOther'>;
  /** In-flight activations of a namespace. */
  readonly inFlightOf: (namespaceUuid: string) => number;
}

/** Says who may do what, and how much of it. */
export class Entitlements {
  readonly #limits: SystemLimits;
  readonly #packages: Pick<PackageCache, 'get' | 'isOther'>;
  readonly #inFlightOf: (namespaceUuid: string) => number;
  readonly #invocations: RateLimit;
  readonly #fires: RateLimit;
  readonly #events: Pick<UserEvents, 'limited'>;
  readonly #overRate: Counter;
  readonly #overConcurrency: Counter;
  readonly #overFires: Counter;
  /** Beside each namespace's own limits (an identity keeps the same object while it is cached). */
  readonly #effective = new WeakMap<NamespaceLimits, EffectiveLimits>();

  private constructor(deps: EntitlementsDeps) {
    this.#limits = deps.limits;
    this.#packages = deps.packages;
    this.#events = deps.events;
    this.#inFlightOf = deps.inFlightOf;
    this.#invocations = new RateLimit(deps.clock);
    this.#fires = new RateLimit(deps.clock);
    this.#overRate = deps.metrics.counter('counter_controller_throttled_total', 'TimedRateLimit');
    this.#overConcurrency = deps.metrics.counter('counter_controller_throttled_total', 'ConcurrentRateLimit');
    this.#overFires = deps.metrics.counter('counter_controller_throttled_total', 'TriggerRateLimit');
  }

  static open(deps: EntitlementsDeps): Entitlements {
    return new Entitlements(deps);
  }

  /**
   * Privileges only; what an invocation is charged is {@link checkThrottles}. Synchronous unless a package has to be
   * read first.
   */
  check(identity: Identity, privilege: Privilege, resource: Resource): Entitlement | Promise<Entitlement> {
    const caller = { namespace: identity.namespace.name, rights: identity.rights };
    const name = packageOf(resource);
    if (name === undefined || !needsPackage(privilege, resource) || !caller.rights.includes(privilege)) {
      return mayUse(caller, privilege, resource) ? allowed : forbidden(resource);
    }
    const decide = (view: PackageView | undefined) =>
      view === undefined
        ? this.#withoutPackage(caller.namespace, resource, name)
        : mayUsePackage(caller.namespace, { privilege, resource }, view);
    const view = this.#packages.get(resource.namespace, name);
    return view instanceof Promise ? view.then(decide) : decide(view);
  }

  /** Its owner hears that there is no such package, or that the name is something else's; others hear neither. */
  async #withoutPackage(caller: string, resource: Resource, name: string): Promise<Entitlement> {
    const { namespace } = resource;
    if (caller !== namespace) return forbidden(resource);
    if (await this.#packages.isOther(namespace, name)) return refused(409, errorTexts.notInCollection);
    return refused(404, errorTexts.packageNotFound(`${namespace}/${name}`));
  }

  /** Charges one invocation: per minute, also when it is refused, and at once. */
  checkThrottles(identity: Identity): Entitlement {
    const { limits, namespace } = identity;
    const perMinute = limits.invocationsPerMinute ?? this.#limits.invokesPerMinute;
    const count = this.#invocations.count(namespace.uuid);
    if (count > perMinute) {
      this.#overRate.add();
      this.#events.limited(namespace.name, 'timed');
      return refused(429, errorTexts.tooManyRequests(count, perMinute));
    }
    return this.checkConcurrency(identity);
  }

  /** Looks at what is in flight and charges nothing: for who had to wait since {@link checkThrottles}. */
  checkConcurrency({ limits, namespace }: Identity): Entitlement {
    const atOnce = limits.concurrentInvocations ?? this.#limits.invokesConcurrent;
    const concurrency = checkConcurrency(this.#inFlightOf(namespace.uuid), atOnce);
    if (concurrency.allowed) return concurrency;
    this.#overConcurrency.add();
    this.#events.limited(namespace.name, 'concurrent');
    return concurrency;
  }

  /** Charges one firing of a trigger. */
  checkFires(identity: Identity): Entitlement {
    const perMinute = identity.limits.firesPerMinute ?? this.#limits.firesPerMinute;
    const count = this.#fires.count(identity.namespace.uuid);
    if (count <= perMinute) return allowed;
    this.#overFires.add();
    this.#events.limited(identity.namespace.name, 'timed');
    return refused(429, errorTexts.tooManyRequests(count, perMinute));
  }

  /** May the namespace have actions of this kind? Without a white list: of every kind. */
  kindAllowed(identity: Identity, kind: string): Entitlement {
    const { allowedKinds } = identity.limits;
    return allowedKinds === undefined || allowedKinds.includes(kind)
      ? allowed
      : refused(403, errorTexts.kindNotAllowed(kind));
  }

  /** The system's limits as the administrator changed them for this namespace. */
  effectiveLimits(identity: Identity): EffectiveLimits {
    let limits = this.#effective.get(identity.limits);
    if (!limits) {
      limits = effectiveLimits(this.#limits, identity.limits);
      this.#effective.set(identity.limits, limits);
    }
    return limits;
  }
}
