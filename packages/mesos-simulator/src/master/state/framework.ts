import type { FrameworkCapability, WireFrameworkInfo, WireOperationStatus } from '@vibrissa/mesos/wire';
import type { Resources } from '../resources/resources.ts';
import type { InverseOffer, Offer } from './offer.ts';
import type { Task } from './task.ts';

/** A framework that has subscribed, or of which agents told after a restart of the master. */
export interface Framework {
  readonly id: string;
  info: WireFrameworkInfo;
  /** Where its events go; undefined while it is disconnected. */
  stream: { readonly number: number; readonly id: string } | undefined;
  /** Known by agents only: it has not subscribed to this master. */
  recovered: boolean;
  roles: ReadonlySet<string>;
  suppressed: Set<string>;
  offerConstraints: OfferConstraints | undefined;
  readonly tasks: Map<string, Task>;
  readonly unreachableTasks: Map<string, Task>;
  /** The latest last. */
  completedTasks: Task[];
  /** Agents with executors of its groups. */
  readonly executorAgents: Set<string>;
  readonly offers: Set<Offer>;
  readonly inverseOffers: Set<InverseOffer>;
  /** By role and agent id. */
  readonly filters: Map<string, Map<string, Set<OfferFilter>>>;
  /** Agents that get no inverse offer until then (monotonic ms). */
  readonly inverseFilters: Map<string, number>;
  /** By operation id: those with an id that were not acknowledged. */
  readonly operations: Map<string, { readonly agentId: string; status: WireOperationStatus }>;
  registeredMs: number;
  reregisteredMs: number;
  unregisteredMs: number | undefined;
}

/** Nothing that fits into `refused` is offered until the filter expires. */
export interface OfferFilter {
  readonly refused: Resources;
}

/** Checked when it came in; the shape is that of Mesos's JSON. */
export interface OfferConstraints {
  readonly role_constraints?: Readonly<Record<string, { readonly groups?: readonly ConstraintGroup[] }>>;
}

export interface ConstraintGroup {
  readonly attribute_constraints?: readonly AttributeConstraint[];
}

export interface AttributeConstraint {
  readonly selector?: { readonly attribute_name?: string; readonly pseudoattribute_type?: string };
  readonly predicate?: Readonly<Record<string, { readonly value?: string; readonly regex?: string }>>;
}

export function newFramework(id: string, info: WireFrameworkInfo, epochMs: number): Framework {
  return {
    id,
    info,
    stream: undefined,
    recovered: false,
    roles: rolesOf(info),
    suppressed: new Set(),
    offerConstraints: undefined,
    tasks: new Map(),
    unreachableTasks: new Map(),
    completedTasks: [],
    executorAgents: new Set(),
    offers: new Set(),
    inverseOffers: new Set(),
    filters: new Map(),
    inverseFilters: new Map(),
    operations: new Map(),
    registeredMs: epochMs,
    reregisteredMs: epochMs,
    unregisteredMs: undefined,
  };
}

export function can(framework: Framework, capability: FrameworkCapability): boolean {
  return framework.info.capabilities?.some(({ type }) => type === capability) ?? false;
}

/** `roles` of a MULTI_ROLE framework, else its one `role`, `*` by default. */
export function rolesOf(info: WireFrameworkInfo): ReadonlySet<string> {
  const multi = info.capabilities?.some(({ type }) => type === 'MULTI_ROLE') ?? false;
  return new Set(multi ? (info.roles ?? []) : [info.role ?? '*']);
}
