import type { SessionCall } from '@vibrissa/mesos/wire';
import {
  clearFilters,
  refuseSecondsOf,
  removeInverseOffer,
  removeOffer,
} from '../allocator/recover-resources.ts';
import { offerAtOnce, updateDemand } from '../frameworks/demand.ts';
import type { Framework } from '../state/entities.ts';
import type { MasterState } from '../state/master-state.ts';

type Call<Type extends SessionCall['type']> = Extract<SessionCall, { type: Type }>;

/** Offers that are not this framework's any more are passed over. */
export function decline(master: MasterState, framework: Framework, { decline: body }: Call<'DECLINE'>): void {
  const refuseSeconds = refuseSecondsOf(body.filters);
  for (const { value } of body.offer_ids) {
    const offer = master.offers.get(value);
    if (offer?.framework === framework) removeOffer(master, offer, { rescind: false, refuseSeconds });
  }
}

/** No roles named: all. Roles that are not the framework's are passed over. */
export function revive(master: MasterState, framework: Framework, { revive: body }: Call<'REVIVE'>): void {
  const roles = ownRoles(framework, body?.roles);
  for (const role of roles) framework.suppressed.delete(role);
  clearFilters(framework, roles);
  framework.inverseFilters.clear();
  updateDemand(master, framework);
  offerAtOnce(master);
}

/** Offers in hand stay valid. */
export function suppress(
  master: MasterState,
  framework: Framework,
  { suppress: body }: Call<'SUPPRESS'>,
): void {
  for (const role of ownRoles(framework, body?.roles)) framework.suppressed.add(role);
  updateDemand(master, framework);
}

export function answerInverseOffers(
  master: MasterState,
  framework: Framework,
  call: Call<'ACCEPT_INVERSE_OFFERS'> | Call<'DECLINE_INVERSE_OFFERS'>,
): void {
  const accepted = call.type === 'ACCEPT_INVERSE_OFFERS';
  const body = accepted ? call.accept_inverse_offers : call.decline_inverse_offers;
  const untilMs = master.time.nowMs + refuseSecondsOf(body.filters) * 1000;
  for (const { value } of body.inverse_offer_ids) {
    const inverse = master.inverseOffers.get(value);
    if (inverse?.framework !== framework) continue;
    const { agent } = inverse;
    removeInverseOffer(master, inverse, { rescind: false });
    const answer = { status: accepted ? 'ACCEPT' : 'DECLINE', epochMs: master.time.epochMs } as const;
    agent.inverseAnswers.set(framework.id, answer);
    framework.inverseFilters.set(agent.id, untilMs);
    const deadline = { kind: 'inverse-filter' as const, framework, agent };
    master.deadlines.set(`inverse:${framework.id}:${agent.id}`, untilMs, deadline);
  }
}

function ownRoles(framework: Framework, named: readonly string[] | undefined): readonly string[] {
  if (named === undefined || named.length === 0) return [...framework.roles];
  return named.filter((role) => framework.roles.has(role));
}
