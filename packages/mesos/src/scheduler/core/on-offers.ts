import type { WireInverseOffer, WireOffer } from '../../wire/index.ts';
import type { CoreParts } from './core-parts.ts';
import { matchRound } from './match-round.ts';

/** A schedule of maintenance is told again after this, as long as it stands. */
const REFUSE_INVERSE_SECONDS = 300;

/** Offers have come: what waits is matched, the rest is held or goes back at the end of the step. */
export function onOffers(core: CoreParts, offers: readonly WireOffer[]): void {
  const { nowMs } = core.moment;
  const onlyRole = core.options.roles[0] ?? '*';
  core.offers.add(offers, nowMs);
  core.history.saw(offers, { nowMs, onlyRole });
  for (const role of new Set(offers.map((offer) => roleOf(core, offer)))) core.demand.offered(role, nowMs);
  core.hasNewOffers = true;
  const launched = matchRound(core);
  core.outbox.notice({ kind: 'offers', received: offers.length, held: core.offers.size, launched });
}

/** An offer is no more. If a launch with it is being written, that launch will not be sent. */
export function onRescind(core: CoreParts, offerId: string): void {
  core.offers.rescind(offerId);
  core.reserved.get(offerId)?.rescinded.add(offerId);
}

/** Gives back what was held for its time, and what is beyond the cap. Not while a write delays the round that would use them. */
export function returnOffers(core: CoreParts): void {
  if (!core.outbox.isOpen) return core.offers.clear();
  if (core.storing && core.hasNewOffers) return;
  const back = [...core.offers.expired(core.moment.nowMs), ...core.offers.overflow()];
  if (back.length === 0) return;
  const byRole = new Map<string, WireOffer[]>();
  for (const offer of back) {
    const role = roleOf(core, offer);
    const ofRole = byRole.get(role);
    if (ofRole) ofRole.push(offer);
    else byRole.set(role, [offer]);
  }
  for (const [role, offers] of byRole) {
    core.outbox.send({
      type: 'DECLINE',
      decline: { offer_ids: offers.map(({ id }) => id), filters: core.demand.refuse(role) },
    });
  }
}

/** Maintenance is planned for machines that we have tasks on: the operator learns whether we can leave. */
export function onInverseOffers(core: CoreParts, offers: readonly WireInverseOffer[]): void {
  if (offers.length === 0) return;
  const inverse_offer_ids = offers.map(({ id }) => id);
  const filters = { refuse_seconds: REFUSE_INVERSE_SECONDS };
  if (core.options.inverseOffers === 'accept') {
    core.outbox.send({
      type: 'ACCEPT_INVERSE_OFFERS',
      accept_inverse_offers: { inverse_offer_ids, filters },
    });
  } else {
    core.outbox.send({
      type: 'DECLINE_INVERSE_OFFERS',
      decline_inverse_offers: { inverse_offer_ids, filters },
    });
  }
}

function roleOf(core: CoreParts, offer: WireOffer): string {
  return offer.allocation_info?.role ?? core.options.roles[0] ?? '*';
}
