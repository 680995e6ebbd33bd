import type { WireOffer } from '../wire/index.ts';
import type { MatchInput, OfferMatcher } from './placement.ts';
import { RoleField } from './role-field.ts';
import { isLeaving } from './unavailability.ts';

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
