import type { WireOffer, WireResource } from '../wire/index.ts';
import type { CompiledConstraint } from './constraints.ts';
import { RoleField } from './role-field.ts';
import { isLeaving } from './unavailability.ts';

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

/**
 * The default matcher. Requests are served in their order, each by the first agent that has everything; agents with
 * the least on offer come first, so that large offers stay whole, and agents with gpus last. It waits for no
 * particular agent: whatever fits some agent of the round is placed in the round.
 *
 *     const { launches, unplaced } = matchOffers({ requests, offers, epochMs });
 */
export const matchOffers: OfferMatcher = (input) => {
  const fields = fieldsByRole(input);
  const unplaced = input.requests.filter((request) => fields.get(request.role)?.place(request) !== true);
  return { launches: [...fields.values()].flatMap((field) => field.launches()), unplaced };
};

function fieldsByRole(input: MatchInput): Map<string, RoleField> {
  const { requests, isPortBlocked = () => false } = input;
  const byRole = new Map<string, WireOffer[]>();
  for (const request of requests) byRole.set(request.role, []);
  for (const offer of input.offers) {
    if (isLeaving(offer, input.epochMs, input.maintenanceHorizonMs)) continue;
    // Without MULTI_ROLE offers name no role: the framework has one, and so have all of its tasks.
    const role = offer.allocation_info?.role ?? requests[0]?.role;
    if (role !== undefined) byRole.get(role)?.push(offer);
  }
  return new Map([...byRole].map(([role, offers]) => [role, new RoleField(role, offers, isPortBlocked)]));
}
