import type { WireOffer } from '@vibrissa/mesos/wire';

import type { RandomSource } from '../base/random.ts';
import type { StepTime } from '../base/step-time.ts';
import type { AppSpec, Json } from './app-spec.ts';
import type { BackOff } from './back-off.ts';
import type { Instance } from './instance.ts';
import type { MarathonEffect } from './messages.ts';

/** An app and what became of it. */
export interface AppRecord {
  readonly id: string;
  app: AppSpec;
  /** ISO times that only grow. */
  version: string;
  lastScalingAt: string;
  /** Tasks with an earlier version are old. */
  lastConfigChangeAt: string;
  /** Definitions by version, the latest last. */
  readonly versions: Map<string, AppSpec>;
  /** Deleted; its last tasks are ending. */
  isRemoved: boolean;
  backOff: BackOff;
  /** How many tasks wait for an offer. */
  wanted: number;
  /** As many tasks as it is to have, all of them ready, and none besides. */
  isSettled: boolean;
  lastTaskFailure?: Json;
}

export type DeploymentAction =
  'StartApplication' | 'ScaleApplication' | 'RestartApplication' | 'StopApplication';

export interface Deployment {
  readonly id: string;
  readonly version: string;
  readonly actions: ReadonlyMap<string, DeploymentAction>;
  /** What to go back to; undefined: there was no such app. */
  readonly before: ReadonlyMap<string, AppSpec | undefined>;
}

export interface MarathonSettings {
  /** Of Marathon, as `/v2/info` tells it. */
  readonly version: string;
  /** `host:port` of the API. */
  readonly address: string;
  /** Whom tasks run as. */
  readonly user: string;
  /** Of the framework, where masters ask for one. */
  readonly principal?: string;
}

/** The connection with the master. */
export interface Session {
  frameworkId: string | undefined;
  phase: 'idle' | 'subscribing' | 'subscribed';
  /** When to subscribe again. */
  retryMs: number | undefined;
  heartbeatMs: number | undefined;
  lastHeardMs: number;
  isSuppressed: boolean;
}

/** All that Marathon knows; what it wants done is put into `effects`. */
export interface MarathonState {
  readonly settings: MarathonSettings;
  readonly random: RandomSource;
  readonly session: Session;
  readonly apps: Map<string, AppRecord>;
  /** By task id. */
  readonly instances: Map<string, Instance>;
  readonly deployments: Map<string, Deployment>;
  /** That came with this step, and are neither used nor declined yet. */
  offers: readonly WireOffer[];
  time: StepTime;
  effects: MarathonEffect[];
  lastVersionMs: number;
}

/** The time as a version, later than every one before. */
export function newVersion(state: MarathonState): string {
  state.lastVersionMs = Math.max(state.time.epochMs, state.lastVersionMs + 1);
  return new Date(state.lastVersionMs).toISOString();
}

export function instancesOf(state: MarathonState, appId: string): Instance[] {
  return [...state.instances.values()].filter(({ app }) => app.id === appId);
}

/** Undefined: there is none, or it is on its way out. */
export function findApp(state: MarathonState, id: string): AppRecord | undefined {
  const record = state.apps.get(id);
  return record?.isRemoved ? undefined : record;
}

export function deploymentsOf(state: MarathonState, appId: string): Deployment[] {
  return [...state.deployments.values()].filter(({ actions }) => actions.has(appId));
}
