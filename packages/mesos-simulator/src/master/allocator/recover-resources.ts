import type { Framework, InverseOffer, Offer } from '../state/entities.ts';
import type { MasterState } from '../state/master-state.ts';
import type { Allocation } from './make-offer.ts';
import { scheduleAllocation } from './allocate.ts';

/** Default of `refuse_seconds`, and the longest. */
const defaultRefuseSeconds = 5;
const longestRefuseSeconds = 365 * 24 * 3600;

/**
 * Resources come back to their agent, to be offered again by the next allocation; with `refuseSeconds` not to this
 * framework for so long.
 */
export function recoverResources(master: MasterState, allocation: Allocation, refuseSeconds?: number): void {
  const { framework, role, agent, resources } = allocation;
  if (resources.isEmpty) return;
  master.shares.free(role, framework.id, resources);
  if (!master.agents.has(agent.id)) return;
  agent.available = agent.available.add(resources);
  master.candidates.resourcesChanged(agent);
  master.candidates.add(agent);
  if (refuseSeconds !== undefined) filterOffers(master, allocation, refuseSeconds);
  scheduleAllocation(master);
}

/** As the master reads `filters`: absent and negative ones are the default, 0 is none. */
export function refuseSecondsOf(filters: { readonly refuse_seconds?: number } | undefined): number {
  const seconds = filters?.refuse_seconds ?? defaultRefuseSeconds;
  return seconds < 0 ? defaultRefuseSeconds : Math.min(seconds, longestRefuseSeconds);
}

/** A filter lasts for one interval of allocation at least. */
function filterOffers(master: MasterState, allocation: Allocation, refuseSeconds: number): void {
  if (refuseSeconds === 0) return;
  const { framework, role, agent, resources } = allocation;
  let agents = framework.filters.get(role);
  if (agents === undefined) framework.filters.set(role, (agents = new Map()));
  let filters = agents.get(agent.id);
  if (filters === undefined) agents.set(agent.id, (filters = new Set()));
  const filter = { refused: resources };
  filters.add(filter);
  const lastsMs = Math.max(master.options.allocationIntervalMs, refuseSeconds * 1000);
  const deadline = { kind: 'filter' as const, framework, role, agent, filter };
  master.deadlines.set(master.newTimerName(), master.time.nowMs + lastsMs, deadline);
}

/** Takes an offer out of the framework's hands; what was in it is not recovered yet. */
export function takeOffer(master: MasterState, offer: Offer): void {
  master.offers.delete(offer.id);
  master.deadlines.delete(`offer:${offer.id}`);
  offer.agent.offers.delete(offer);
  offer.framework.offers.delete(offer);
}

/** Takes an offer back; told by RESCIND unless the framework itself has let go of it. */
export function removeOffer(
  master: MasterState,
  offer: Offer,
  how: { readonly rescind: boolean; readonly refuseSeconds?: number },
): void {
  takeOffer(master, offer);
  if (how.rescind) {
    master.tell(offer.framework, { type: 'RESCIND', rescind: { offer_id: { value: offer.id } } });
  }
  recoverResources(master, offer, how.refuseSeconds);
}

export function removeInverseOffer(
  master: MasterState,
  inverse: InverseOffer,
  how: { readonly rescind: boolean },
): void {
  master.inverseOffers.delete(inverse.id);
  inverse.agent.inverseOffers.delete(inverse.framework.id);
  inverse.framework.inverseOffers.delete(inverse);
  if (!how.rescind) return;
  master.tell(inverse.framework, {
    type: 'RESCIND_INVERSE_OFFER',
    rescind_inverse_offer: { inverse_offer_id: { value: inverse.id } },
  });
}

/** All offers of a framework, or those of one of its roles. */
export function removeOffersOf(
  master: MasterState,
  framework: Framework,
  how: { readonly rescind: boolean; readonly role?: string },
): void {
  for (const offer of framework.offers) {
    if (how.role === undefined || offer.role === how.role) removeOffer(master, offer, how);
  }
}

/** REVIVE, and the loss of a connection, forget what was refused. The timers find nothing then. */
export function clearFilters(framework: Framework, roles: Iterable<string>): void {
  for (const role of roles) framework.filters.delete(role);
}
