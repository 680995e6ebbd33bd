import { offerConstraintsOf } from '../../offers/offer-constraints.ts';
import { offerFiltersOf } from '../../offers/offer-filters.ts';
import type { CallAnswer } from '../../transport/transport.ts';
import { isAccepted } from '../is-accepted.ts';
import type { CoreParts } from './core-parts.ts';
import { applyActions } from './on-session.ts';

/**
 * While tasks wait long, tells masters that can use it which offers are of use: what all that waits asks of an agent,
 * and the least that it needs. Told anew as soon as something else waits, which the old wishes might exclude, and
 * withdrawn when nothing waits any more.
 */
export function tellWishes(core: CoreParts): void {
  const { wishes, queue, options, frameworkId } = core;
  if (queue.size === 0) wishes.isWanted = false;
  const isOfUse = wishes.isWanted || wishes.told !== '';
  if (!isOfUse || !wishes.canTell || frameworkId === undefined || options.offersInAdvance > 0) return;
  const atShapes = wishes.isWanted ? queue.shapeChanges : -1;
  if (atShapes === wishes.atShapes) return;
  wishes.atShapes = atShapes;
  const requests = wishes.isWanted ? [...queue.heads()].map(({ request }) => request) : [];
  const filters = offerFiltersOf(requests);
  const constraints = wishes.canConstrain ? offerConstraintsOf(requests) : undefined;
  const text = filters || constraints ? JSON.stringify([filters, constraints]) : '';
  if (text === wishes.told) return;
  wishes.told = text;
  const callId = core.outbox.send({
    type: 'UPDATE_FRAMEWORK',
    update_framework: {
      framework_info: {
        ...options.framework,
        id: { value: frameworkId },
        ...(filters ? { offer_filters: filters } : {}),
      },
      suppressed_roles: core.demand.suppressed,
      ...(constraints ? { offer_constraints: constraints } : {}),
    },
  });
  core.errands.set(callId, { kind: 'wishes' });
}

/**
 * Refused: this master is told no more of it in this subscription. Should earlier wishes be in force, they may keep away
 * what is needed now, and only a new subscription ends them.
 */
export function onWishesAnswered(core: CoreParts, answer: CallAnswer): void {
  if (!core.outbox.isOpen) return;
  if (isAccepted(answer)) {
    core.wishes.areInForce = core.wishes.told !== '';
    return;
  }
  const { status, text } = answer;
  core.outbox.warn('the master refused the wishes about offers', { status, text });
  const { areInForce } = core.wishes;
  core.wishes.refuse();
  if (!areInForce) return;
  const error = new Error(
    'subscribing anew, since the master refused to forget which offers were of use before',
  );
  applyActions(core, core.session.ended(core.moment.nowMs, { kind: 'unreachable', error }));
}
