import type { WireOffer, WireResource } from '../wire/index.ts';
import type { CompiledConstraint } from './constraints.ts';

/** What one task, or the executor of a group, takes: integers, scalars in thousandths of cpus, MB and gpus. */
export interface ResourceNeed {
  readonly cpusMilli: number;
  readonly memMilli: number;
  readonly diskMilli: number;
  readonly gpusMilli: number;
  /** How many ports of the agent. */
  readonly ports: number;
}

/** Something that waits for a place: all of its units go to one agent, or none. */
export interface PlacementRequest {
  /** The submission: a task's or a group's id. */
  readonly id: string;
  readonly role: string;
  /** A task: one. A group: its executor first, then its tasks. */
  readonly units: readonly ResourceNeed[];
  /** All of them hold on the agent. */
  readonly constraints: readonly CompiledConstraint[];
}

export interface Placed {
  readonly requestId: string;
  /** In the order of the request's units; ports in the order in which they are dealt out. */
  readonly units: readonly {
    readonly resources: readonly WireResource[];
    readonly hostPorts: readonly number[];
  }[];
  /** The one that names the agent's host and address. */
  readonly offer: WireOffer;
}

/** What one ACCEPT launches: offers of one agent and one role, since the master drops any other mixture whole. */
export interface Launch {
  readonly agentId: string;
  readonly role: string;
  /** Only those that something was taken from. */
  readonly offers: readonly WireOffer[];
  readonly placed: readonly Placed[];
}

export interface MatchInput {
  /** The most urgent first. */
  readonly requests: readonly PlacementRequest[];
  readonly offers: readonly WireOffer[];
  /** Epoch milliseconds, to compare with planned maintenance. */
  readonly epochMs: number;
  readonly isPortBlocked?: (agentId: string, port: number) => boolean;
  /** Agents whose maintenance begins that soon get nothing; default an hour. */
  readonly maintenanceHorizonMs?: number;
}

export interface MatchResult {
  readonly launches: readonly Launch[];
  readonly unplaced: readonly PlacementRequest[];
}

export type OfferMatcher = (input: MatchInput) => MatchResult;
