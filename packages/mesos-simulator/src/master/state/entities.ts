import type {
  WireExecutorInfo,
  WireFrameworkInfo,
  WireInverseOffer,
  WireOffer,
  WireOperationStatus,
  WireUnavailability,
} from '@vibrissa/mesos/wire';
import type { AgentInfo } from '../../agent/agent-info.ts';
import type { Resources } from '../resources/resources.ts';
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

/** An agent that has registered with this master. */
export interface Agent {
  readonly id: string;
  info: AgentInfo;
  /** The driver's name of its connection; undefined while it is disconnected. */
  link: string | undefined;
  /** With dynamic reservations. */
  total: Resources;
  /** Neither offered nor used. */
  available: Resources;
  /** By framework, then by task id. */
  readonly tasks: Map<string, Map<string, Task>>;
  /** Executors of groups, by framework and executor id. */
  readonly executors: Map<string, Executor>;
  readonly offers: Set<Offer>;
  /** By framework. */
  readonly inverseOffers: Map<string, InverseOffer>;
  /** KILLs that came while it was disconnected. */
  readonly pendingKills: Map<string, { readonly frameworkId: string; readonly taskId: string }>;
  readonly registeredMs: number;
  reregisteredMs: number | undefined;
  /** Pings without an answer. */
  missedPings: number;
  /** An operator wants no offers of it. */
  deactivated: boolean;
  drain: Drain | undefined;
  unavailability: WireUnavailability | undefined;
  /** What frameworks answered to inverse offers, by framework. */
  readonly inverseAnswers: Map<string, { readonly status: 'ACCEPT' | 'DECLINE'; readonly epochMs: number }>;
}

export interface Executor {
  readonly frameworkId: string;
  readonly role: string;
  readonly info: WireExecutorInfo;
  readonly resources: Resources;
}

/** `markGone`: once its last task has ended. */
export interface Drain {
  readonly config: {
    readonly max_grace_period?: { readonly nanoseconds: number };
    readonly mark_gone?: boolean;
  };
  state: 'DRAINING' | 'DRAINED';
  readonly startedMs: number;
}

/** Resources of an agent in the hands of a framework, until it answers. */
export interface Offer {
  readonly id: string;
  readonly framework: Framework;
  readonly agent: Agent;
  readonly role: string;
  readonly resources: Resources;
  readonly wire: WireOffer;
}

/** A question to a framework whether it can leave an agent. */
export interface InverseOffer {
  readonly id: string;
  readonly framework: Framework;
  readonly agent: Agent;
  readonly unavailability: WireUnavailability;
  readonly wire: WireInverseOffer;
}
