import type { WireExecutorInfo, WireUnavailability } from '@vibrissa/mesos/wire';
import type { AgentInfo } from '../../agent/messages.ts';
import { Resources } from '../resources/resources.ts';
import type { InverseOffer, Offer } from './offer.ts';
import type { Task } from './task.ts';

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

export function newAgent(id: string, info: AgentInfo, registeredMs: number): Agent {
  const total = Resources.of(info.resources);
  return {
    id,
    info,
    link: undefined,
    total,
    available: total,
    tasks: new Map(),
    executors: new Map(),
    offers: new Set(),
    inverseOffers: new Map(),
    pendingKills: new Map(),
    registeredMs,
    reregisteredMs: undefined,
    missedPings: 0,
    deactivated: false,
    drain: undefined,
    unavailability: undefined,
    inverseAnswers: new Map(),
  };
}

/** As masters print agents in messages. */
export function describeAgent({ id, info }: Agent): string {
  return `${id} at slave(1)@${info.ip}:${info.port} (${info.hostname})`;
}

export function executorKey(frameworkId: string, executorId: string): string {
  return `${frameworkId}/${executorId}`;
}
